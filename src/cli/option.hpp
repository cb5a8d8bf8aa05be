// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace cicada::cli {

/// A number of bytes as a person writes it: `65536`, `64k`, `1m`, `2g`.
struct ByteSize {
    std::int64_t* bytes = nullptr;
    std::optional<std::int64_t>* optional_bytes = nullptr;
};

/// All the words up to the next option: `--tags read write`. Given again, it takes those too.
struct WordList {
    std::vector<std::string>* words = nullptr;
};

/// A flag that may say more: `--dry-run`, `--dry-run=tasks`. Alone, or switched on, it is the first
/// of the option's choices; switched off it is empty.
struct FlagOrChoice {
    std::string* chosen = nullptr;
};

/// A value that is kept elsewhere, which also says what it may be.
struct ElsewhereKept {
    bool is_flag = false;

    /// Error: what is wrong with the text, the rest of a sentence.
    std::function<base::Result<void>(const std::string& text)> assign{};
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
                                  ByteSize,
                                  WordList,
                                  FlagOrChoice,
                                  ElsewhereKept>;

/// What a number may be. Inclusive, but for a double's `least`.
struct Range {
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

enum class Standing : std::uint8_t {
    Usual,
    Hidden,  ///< in no help
    OfTest,  ///< declared by the test file; its variable has no prefix
};

/// All there is to say of one option. Parsing, environment, config files, help and the page of the
/// guide are made from it.
struct Option {
    std::string_view section;
    char letter = 0;            ///< 0: none
    std::string_view name;      ///< without the dashes
    std::string_view variable;  ///< CICADA_<this>, else LOCUST_<this>; empty: none, and no key
    OptionTarget target;
    std::string_view value_name;  ///< in the help; empty for a flag
    std::string help;             ///< one sentence
    Range range{};
    std::vector<std::string_view> choices{};  ///< empty: any
    Standing standing = Standing::Usual;

    [[nodiscard]] bool is_flag() const;  ///< needs no value; one stands behind `=`
    [[nodiscard]] bool may_choose() const { return std::holds_alternative<FlagOrChoice>(target); }
    [[nodiscard]] bool takes_words() const { return std::holds_alternative<WordList>(target); }
    [[nodiscard]] bool takes_several() const;  ///< may be given more than once
    [[nodiscard]] std::string flags() const;   ///< "-u/--users"

    /// Of the environment, the strongest first.
    [[nodiscard]] std::vector<std::string> variables() const;

    /// Whether a config file may have it, as `key = value` with its name as the key.
    [[nodiscard]] bool may_be_configured() const;
};

/// What `text` says of a flag. Error: base::Error that names `source` and what is allowed.
[[nodiscard]] bool flag_from(const std::string& text, const std::string& source);

/// Puts `text` into the option's target.
///
/// Error: base::Error, exit code 2: "`source`: ..." with the value and its limits. `source` is
/// "argument -u/--users", "environment variable CICADA_USERS" or "cicada.conf:3: users".
void assign(const Option& option, const std::string& text, const std::string& source);

}  // namespace cicada::cli
