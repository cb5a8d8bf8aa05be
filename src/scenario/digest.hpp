// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cicada::scenario {

/// SHA-256 of a list of texts. ("ab", "c") and ("a", "bc") differ.
class Digest {
public:
    Digest();
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;
    ~Digest();

    Digest& add(std::string_view text);

    /// 64 hexadecimal digits. Once; nothing can be added after it.
    [[nodiscard]] std::string hex();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// SHA-256 of a text as 64 hexadecimal digits.
[[nodiscard]] std::string digest_of_text(std::string_view text);

/// SHA-256 of a file's content as 64 hexadecimal digits; nothing if it cannot be read.
std::optional<std::string> digest_of_file(const std::filesystem::path& file);

}  // namespace cicada::scenario
