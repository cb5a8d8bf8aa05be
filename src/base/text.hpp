// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace cicada::base {

/// `text` without the characters of `blanks` at its ends.
[[nodiscard]] inline std::string_view trimmed(std::string_view text,
                                              std::string_view blanks = " \t") {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// With the letters of ASCII in lower case, whatever the locale.
[[nodiscard]] std::string lower_case(std::string_view text);

/// A number for the eye: whole ones as such, others in four digits at least and without a zero that
/// says nothing: "183.2", "0.5", "1204.3".
[[nodiscard]] std::string number_for_people(double value);

}  // namespace cicada::base
