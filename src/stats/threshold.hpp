// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "stats/metric.hpp"

namespace cicada::stats {

/// What of its subject a threshold compares.
enum class Measure : std::uint8_t {
    Percentile,
    Average,
    Minimum,
    Maximum,
    PerSecond,  ///< requests, or a counter's sum
    FailRatio,
    PassRatio,
    Count,
    Failures,
    Value,  ///< of a gauge
    // Of the run alone:
    Exceptions,
    GeneratorP50,
    GeneratorP99,
    GeneratorShare,
    Busy,
    BusyMaximum,
    LimitsReached,
    DroppedArrivals,
    DelayedArrivals,
};

enum class Comparison : std::uint8_t { Less, AtMost, Greater, AtLeast, Equal, Unequal };

[[nodiscard]] bool holds(double value, Comparison comparison, double limit);

enum class LimitUnit : std::uint8_t { None, Time, Percent, PerSecond };

/// "GET /items/[id]: p99 < 1s", understood.
struct Threshold {
    std::string text{};     ///< as it was written, without spaces around it
    std::string subject{};  ///< "GET /items/[id]", "basket{page=cart}", "check logged in"; empty:
                            ///< all requests, or the run
    Measure measure = Measure::Count;
    std::string measure_name{};  ///< "p99"
    double percentile = 0;       ///< 0 to 1
    Comparison comparison = Comparison::Less;
    double limit = 0;  ///< nanoseconds, a share of 1, or a number
    LimitUnit unit = LimitUnit::None;
};

/// Understands `text`: `[SUBJECT:] MEASURE COMPARISON LIMIT`.
///
/// Pure: what SUBJECT is need not be known yet, see complaint_about().
/// Error: what is wrong, without `text` itself.
[[nodiscard]] base::Result<Threshold> parse_threshold(std::string_view text);

/// Why the threshold can never be judged, given the metrics that the test declares: a counter has
/// no percentile, and the times of requests are compared with times. Nothing: it can.
[[nodiscard]] std::optional<std::string> complaint_about(const Threshold& threshold,
                                                         const std::vector<MetricKey>& declared);

/// Of the metrics declared the one that `subject` names, with or without tags; null: none does.
[[nodiscard]] const MetricKey* metric_of(std::string_view subject,
                                         const std::vector<MetricKey>& declared);

/// The name of a check when `subject` is "check NAME".
[[nodiscard]] std::optional<std::string> check_of(std::string_view subject);

/// The name of a limit when `subject` is "limit NAME".
[[nodiscard]] std::optional<std::string> limit_of(std::string_view subject);

[[nodiscard]] bool is_of_run(Measure measure);  ///< and of no subject

inline constexpr std::string_view kAllChecks = "checks";  ///< the subject

}  // namespace cicada::stats
