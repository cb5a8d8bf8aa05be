// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cicada::cli {

/// A number of bytes as a person writes it: `65536`, `64k`, `1m`, `2g`.
struct ByteSize {
    std::int64_t* bytes = nullptr;
    std::optional<std::int64_t>* optional_bytes = nullptr;
};

/// Where an option's value goes; its type is the option's type.
using OptionTarget = std::variant<bool*,
                                  std::string*,
                                  std::optional<std::string>*,
                                  std::vector<std::string>*,  ///< may be given several times
                                  std::int64_t*,
                                  std::optional<std::int64_t>*,
                                  std::optional<double>*,
                                  std::chrono::nanoseconds*,
                                  std::optional<std::chrono::nanoseconds>*,
                                  ByteSize>;

/// What a number may be. Inclusive, but for a double's `least`.
struct Range {
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// All there is to say of one option. Parsing, environment and help are made from it.
struct Option {
    std::string_view section;
    char letter = 0;            ///< 0: none
    std::string_view name;      ///< without the dashes
    std::string_view variable;  ///< CICADA_<this>, else LOCUST_<this>; empty: none
    OptionTarget target;
    std::string_view value_name;  ///< in the help; empty for a flag
    std::string_view help;        ///< one sentence
    Range range{};
    std::vector<std::string_view> choices{};  ///< empty: any

    [[nodiscard]] bool is_flag() const { return std::holds_alternative<bool*>(target); }
    [[nodiscard]] std::string flags() const;  ///< "-u/--users"
};

/// Puts `text` into the option's target.
///
/// Error: base::Error, exit code 2: "`source`: ..." with the value and its limits. `source` is
/// "argument -u/--users" or "environment variable CICADA_USERS".
void assign(const Option& option, const std::string& text, const std::string& source);

}  // namespace cicada::cli
