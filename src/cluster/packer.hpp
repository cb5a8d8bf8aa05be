// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cicada::cluster {

/// Writes MessagePack: integers in their smallest form, numbers as float64, text as UTF-8. Bytes of
/// a text that are not UTF-8 become "?", because Locust's reader gives up on them.
class Packer {
public:
    void nil();
    void boolean(bool value);
    void integer(std::int64_t value);
    void count(std::uint64_t value);
    void number(double value);
    void text(std::string_view value);
    void binary(std::string_view value);
    void array(std::size_t items);     ///< then so many values
    void map(std::size_t fields);      ///< then so many pairs of key and value
    void json(std::string_view text);  ///< the value that a JSON text stands for; nil if it is none

    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

}  // namespace cicada::cluster
