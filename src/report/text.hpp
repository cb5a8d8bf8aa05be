// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

// How numbers, times and foreign texts are written on console and in files.
namespace cicada::report {

using std::chrono::nanoseconds;

[[nodiscard]] double in_ms(nanoseconds time);

/// Whole milliseconds, cut (as Locust shows averages and extremes) or rounded (as its percentiles
/// are); below 1 ms "0.23", below 0.1 ms "0.045".
[[nodiscard]] std::string whole_ms(nanoseconds time);
[[nodiscard]] std::string rounded_ms(nanoseconds time);

/// Milliseconds for files, in three digits and no zero that says nothing: "0.00123", "2.9", "4218".
[[nodiscard]] std::string short_ms(nanoseconds time);

/// Milliseconds for the eye, of even width: "0.004", "0.229", "2.90", "29.3", "4218".
[[nodiscard]] std::string even_ms(nanoseconds time);

/// As Python's repr() writes a float: "2.5", "10.0", "1e-07".
[[nodiscard]] std::string python_float(double value);

[[nodiscard]] std::string percent_header(double part);       ///< "50%", "99.9%"
[[nodiscard]] std::string with_commas(std::uint64_t value);  ///< "1,234,567"
[[nodiscard]] std::string utc_time(base::WallTime time);     ///< "2026-11-22T21:05:54Z"

/// "7 s", "2:05 min", "1:02:05 h".
[[nodiscard]] std::string clock_text(nanoseconds time);

/// In one line: control characters become spaces, so that no text moves a terminal's cursor.
[[nodiscard]] std::string one_line(std::string_view text);

/// How many columns a terminal needs for UTF-8 `text`; wide (East Asian) characters count as two.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// `text` cut to `columns`, with an ellipsis when something is missing.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t columns);

[[nodiscard]] std::string left(std::string_view text, std::size_t columns);   ///< padded behind
[[nodiscard]] std::string right(std::string_view text, std::size_t columns);  ///< padded before

}  // namespace cicada::report
