// SPDX-License-Identifier: Apache-2.0
#include "stats/metric.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace cicada::stats {
namespace {

constexpr double kStepsPerOne = 1'000;

}  // namespace

std::string_view name_of(MetricKind kind) {
    static constexpr std::array<std::string_view, 5> kNames{
        "counter", "gauge", "rate", "trend", "check"};
    return kNames.at(static_cast<std::size_t>(kind));
}

std::string MetricKey::text() const {
    return tags.empty() ? name : name + "{" + tags + "}";
}

double MetricValues::ratio() const {
    return count == 0 ? 0 : static_cast<double>(passed) / static_cast<double>(count);
}

void MetricValues::merge(const MetricValues& other) {
    if (other.count == 0) return;
    lowest = count == 0 ? other.lowest : std::min(lowest, other.lowest);
    highest = count == 0 ? other.highest : std::max(highest, other.highest);
    if (count == 0 || other.last_set >= last_set) {
        last = other.last;
        last_set = other.last_set;
    }
    count += other.count;
    passed += other.passed;
    sum += other.sum;
    distribution.merge(other.distribution);
}

nanoseconds trend_step(double number) {
    constexpr auto kMost = static_cast<double>(Histogram::kHighest.count());
    return nanoseconds(std::llround(std::clamp(number * kStepsPerOne, 0.0, kMost)));
}

double trend_number(nanoseconds step) {
    return static_cast<double>(step.count()) / kStepsPerOne;
}

}  // namespace cicada::stats
