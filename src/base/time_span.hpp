// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cicada::base {

/// The forms parse_time_span() takes, for messages.
inline constexpr std::string_view kTimeSpanForms = "20, 20s, 3m, 2h, 1h20m, 3h30m10s, 250ms";

/// A time span as a person writes it: whole seconds (`90`), or hours, minutes, seconds and
/// milliseconds in this order, each at most once (`1h30m`, `5s250ms`). Lower case, no blanks.
///
/// Shape:  at most 1,000,000 hours; beyond, and for anything else, nothing.
/// Source: Locust, util/timespan.py, parse_timespan(); `ms` is Cicada's own.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_time_span(std::string_view text);

/// `1h30m`, `5s250ms`, `0s`; below a millisecond is cut off.
[[nodiscard]] std::string format_time_span(std::chrono::nanoseconds span);

}  // namespace cicada::base
