// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "stats/histogram.hpp"

namespace cicada::stats {

enum class MetricKind : std::uint8_t {
    Counter,  ///< a sum that grows
    Gauge,    ///< a value that is set
    Rate,     ///< how many of those told were true
    Trend,    ///< a distribution
    Check,    ///< a rate by another name: what a test expected, and how often it held
};

/// "counter", "gauge", ...
[[nodiscard]] std::string_view name_of(MetricKind kind);

/// Of a trend's values.
enum class MetricUnit : std::uint8_t { Number, Time };

/// What values are collected under.
struct MetricKey {
    MetricKind kind = MetricKind::Counter;
    MetricUnit unit = MetricUnit::Number;
    std::string name{};
    std::string tags{};  ///< "page=cart,region=eu", sorted; empty: all values of the metric

    /// "basket", "basket{page=cart}".
    [[nodiscard]] std::string text() const;

    friend bool operator==(const MetricKey&, const MetricKey&) = default;
};

using SharedMetricKey = std::shared_ptr<const MetricKey>;

/// What one series has seen; adds up over seconds and over nodes.
struct MetricValues {
    std::uint64_t count = 0;   ///< values told
    std::uint64_t passed = 0;  ///< rate, check: of them true
    double sum = 0;            ///< counter
    double last = 0;           ///< gauge: the value set last,
    double lowest = 0;         ///< and the extremes
    double highest = 0;
    base::WallTime last_set{};
    Histogram distribution{};  ///< trend; numbers by trend_step()

    [[nodiscard]] std::uint64_t failed() const { return count - passed; }
    [[nodiscard]] double ratio() const;  ///< of the passed, 0 to 1; 0 when none was told

    void merge(const MetricValues& other);
};

/// What one series has gained.
struct MetricDelta {
    SharedMetricKey key{};
    MetricValues values{};
};

/// One series over the whole run.
using Metric = MetricDelta;

/// How a number stands in a histogram of times.
///
/// Shape:  0 to 3.6e9; beyond is counted in the first and last bucket.
/// Error:  0.001 below 0.128, else 0.4 %.
[[nodiscard]] nanoseconds trend_step(double number);
[[nodiscard]] double trend_number(nanoseconds step);

}  // namespace cicada::stats
