// SPDX-License-Identifier: Apache-2.0
#include "run/goal_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nearest.hpp"
#include "base/text.hpp"

namespace cicada::run {
namespace {

using stats::Measure;
using stats::MetricKind;
using stats::MetricUnit;

GoalValue nothing(std::string why) {
    return {.why_not = std::move(why)};
}
GoalValue time(std::chrono::nanoseconds value) {
    return {static_cast<double>(value.count()), GoalValue::Kind::Time, {}};
}
GoalValue ratio(double value) {
    return {value, GoalValue::Kind::Ratio, {}};
}
GoalValue number(double value) {
    return {value, GoalValue::Kind::Number, {}};
}
GoalValue count(std::uint64_t value) {
    return number(static_cast<double>(value));
}
GoalValue per_second(double value) {
    return {value, GoalValue::Kind::PerSecond, {}};
}

double ratio_of(std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

// ---- requests -----------------------------------------------------------------------------------

constexpr std::size_t kMostCompared = 100;  // names, with one that is unknown

/// The requests of one subject, added up.
struct Requests {
    stats::Counts counts{};
    stats::Histogram times{};
    double per_s = 0;
};

std::string name_of(const stats::Entry& entry) {
    return entry.method() + " " + entry.name();
}

Requests requests_of(const stats::Totals& totals, const std::string& subject) {
    Requests sum;
    const auto add = [&](const stats::Entry& entry) {
        sum.counts += entry.counts;
        sum.times.merge(entry.response_times);
        sum.per_s += totals.total_rates(entry).requests_per_s;
    };
    if (subject.empty()) {
        add(totals.total());
        return sum;
    }
    totals.for_each_entry([&](const stats::Entry& entry) {
        if (!subject.ends_with(entry.name())) return;
        if (entry.name() == subject || name_of(entry) == subject) add(entry);
    });
    return sum;
}

GoalValue no_request(const stats::Totals& totals, const std::string& subject) {
    if (subject.empty()) return nothing("no request was recorded");
    std::vector<std::string> names;
    totals.for_each_entry([&](const stats::Entry& entry) {
        if (entry.counts.requests > 0 && names.size() < kMostCompared) {
            names.push_back(name_of(entry));
        }
    });
    return nothing(
        fmt::format("no request {} was recorded{}", subject, base::did_you_mean(subject, names)));
}

GoalValue value_of_requests(const stats::Threshold& threshold, const stats::Totals& totals) {
    const Requests requests = requests_of(totals, threshold.subject);
    switch (threshold.measure) {
        case Measure::Count:
            return count(requests.counts.requests);
        case Measure::Failures:
            return count(requests.counts.failures);
        case Measure::PerSecond:
            return per_second(requests.per_s);
        default:
            break;
    }
    if (requests.counts.requests == 0) return no_request(totals, threshold.subject);
    switch (threshold.measure) {
        case Measure::FailRatio:
            return ratio(ratio_of(requests.counts.failures, requests.counts.requests));
        case Measure::Average:
            return time(requests.times.mean());
        case Measure::Minimum:
            return time(requests.times.min());
        case Measure::Maximum:
            return time(requests.times.max());
        default:
            return time(requests.times.percentile(threshold.percentile));
    }
}

// ---- metrics and checks -------------------------------------------------------------------------

/// "b=2, a=1" as the recorder writes it: sorted, without spaces.
std::string normal_tags(std::string_view text) {
    std::vector<std::string> tags;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        const std::string_view tag = base::trimmed(text.substr(0, end), " ");
        if (!tag.empty()) tags.emplace_back(tag);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::sort(tags.begin(), tags.end());
    std::string sorted;
    for (const std::string& tag : tags) sorted += (sorted.empty() ? "" : ",") + tag;
    return sorted;
}

stats::MetricKey key_of(const Goal& goal) {
    std::string subject = stats::check_of(goal.threshold.subject).value_or(goal.threshold.subject);
    std::string tags;
    if (const std::size_t brace = subject.find('{'); brace != std::string::npos) {
        tags = subject.substr(brace + 1, subject.rfind('}') - brace - 1);
        subject.resize(brace);
    }
    const bool timed =
        *goal.metric == MetricKind::Trend && goal.threshold.unit == stats::LimitUnit::Time;
    return {.kind = *goal.metric,
            .unit = timed ? MetricUnit::Time : MetricUnit::Number,
            .name = subject,
            .tags = normal_tags(tags)};
}

stats::MetricValues all_checks(const stats::MetricTotals& metrics) {
    stats::MetricValues sum;
    for (const auto& metric : metrics.all()) {
        if (metric->key->kind != MetricKind::Check || !metric->key->tags.empty()) continue;
        sum.merge(metric->values);
    }
    return sum;
}

GoalValue in_unit(std::chrono::nanoseconds step, MetricUnit unit) {
    return unit == MetricUnit::Time ? time(step) : number(stats::trend_number(step));
}

GoalValue value_of_trend(const stats::Threshold& threshold,
                         const stats::Histogram& values,
                         MetricUnit unit) {
    switch (threshold.measure) {
        case Measure::Average:
            return in_unit(values.mean(), unit);
        case Measure::Minimum:
            return in_unit(values.min(), unit);
        case Measure::Maximum:
            return in_unit(values.max(), unit);
        default:
            return in_unit(values.percentile(threshold.percentile), unit);
    }
}

GoalValue value_of_values(const Goal& goal,
                          const stats::MetricValues& values,
                          MetricUnit unit,
                          std::chrono::nanoseconds elapsed) {
    const bool sums = *goal.metric == MetricKind::Counter;
    switch (goal.threshold.measure) {
        case Measure::Count:
            return sums ? number(values.sum) : count(values.count);
        case Measure::PerSecond: {
            const double seconds = std::chrono::duration<double>(elapsed).count();
            return per_second(seconds > 0 ? values.sum / seconds : 0);
        }
        case Measure::Failures:
            return count(values.failed());
        default:
            break;
    }
    if (values.count == 0) {
        return nothing(fmt::format("{} was never told a value", goal.threshold.subject));
    }
    switch (goal.threshold.measure) {
        case Measure::PassRatio:
            return ratio(values.ratio());
        case Measure::FailRatio:
            return ratio(ratio_of(values.failed(), values.count));
        case Measure::Value:
            return number(values.last);
        default:
            break;
    }
    if (*goal.metric == MetricKind::Gauge) {
        return number(goal.threshold.measure == Measure::Minimum ? values.lowest : values.highest);
    }
    return value_of_trend(goal.threshold, values.distribution, unit);
}

/// Of a trend, times and numbers together.
GoalValue counted(const Goal& goal,
                  const stats::MetricTotals& metrics,
                  std::chrono::nanoseconds elapsed) {
    stats::MetricValues sum;
    stats::MetricKey key = key_of(goal);
    for (const MetricUnit unit : {MetricUnit::Number, MetricUnit::Time}) {
        key.unit = unit;
        if (const stats::Metric* const metric = metrics.find(key)) sum.merge(metric->values);
    }
    return value_of_values(goal, sum, MetricUnit::Number, elapsed);
}

GoalValue value_of_metric(const Goal& goal, const Snapshot& snapshot) {
    const stats::MetricTotals& metrics = snapshot.statistics->metrics();
    if (goal.threshold.subject == stats::kAllChecks) {
        return value_of_values(goal, all_checks(metrics), MetricUnit::Number, snapshot.elapsed);
    }
    stats::MetricKey key = key_of(goal);
    if (goal.threshold.measure == Measure::Count) return counted(goal, metrics, snapshot.elapsed);
    if (const stats::Metric* const metric = metrics.find(key)) {
        return value_of_values(goal, metric->values, key.unit, snapshot.elapsed);
    }
    const bool has_times = key.unit == MetricUnit::Time;
    key.unit = has_times ? MetricUnit::Number : MetricUnit::Time;
    if (*goal.metric == MetricKind::Trend && metrics.find(key) != nullptr) {
        return nothing(fmt::format("{} was told {}, no {}",
                                   goal.threshold.subject,
                                   has_times ? "numbers" : "times",
                                   has_times ? "times" : "numbers"));
    }
    return value_of_values(goal, {}, key.unit, snapshot.elapsed);
}

// ---- limits and arrivals ------------------------------------------------------------------------

/// What of it is used up: of several limits of one name the least.
GoalValue value_of_limit(const std::string& name, const Snapshot& snapshot) {
    std::optional<double> least;
    std::vector<std::string> names;
    for (const user::LimitProgress& limit : snapshot.limits) {
        if (limit.per_user() || limit.total <= 0) continue;
        names.push_back(limit.name);
        if (limit.name != name) continue;
        const double used = static_cast<double>(limit.done) / static_cast<double>(limit.total);
        least = std::min(least.value_or(used), used);
    }
    if (least) return ratio(*least);
    return nothing(
        fmt::format("the test has no limit {}{}", name, base::did_you_mean(name, names)));
}

/// A number, or a share of `whole` if the threshold speaks of one.
GoalValue part_of(const stats::Threshold& threshold, std::uint64_t part, std::uint64_t whole) {
    if (threshold.unit != stats::LimitUnit::Percent) return count(part);
    return ratio(whole == 0 ? 0 : ratio_of(part, whole));
}

GoalValue limits_reached(const stats::Threshold& threshold, const Snapshot& snapshot) {
    std::uint64_t all = 0;
    std::uint64_t reached = 0;
    for (const user::LimitProgress& limit : snapshot.limits) {
        all += limit.per_user() ? 0 : 1;
        reached += limit.reached() ? 1 : 0;
    }
    return all == 0 ? nothing("the test has no limits") : part_of(threshold, reached, all);
}

GoalValue arrivals(const stats::Threshold& threshold, const Snapshot& snapshot) {
    if (snapshot.arrivals.empty()) return nothing("the test has no arrivals");
    std::uint64_t planned = 0;
    std::uint64_t part = 0;
    for (const ArrivalProgress& each : snapshot.arrivals) {
        planned += each.planned;
        part += threshold.measure == Measure::DroppedArrivals ? each.dropped : each.delayed;
    }
    return part_of(threshold, part, planned);
}

// ---- the run ------------------------------------------------------------------------------------

GoalValue value_of_run(const stats::Threshold& threshold, const Snapshot& snapshot) {
    const stats::GeneratorFigures figures = snapshot.statistics->generator();
    switch (threshold.measure) {
        case Measure::Exceptions: {
            std::uint64_t sum = 0;
            for (const auto& thrown : snapshot.statistics->exceptions()) sum += thrown.count;
            return count(sum);
        }
        case Measure::GeneratorP50:
            return time(figures.share_p50);
        case Measure::GeneratorP99:
            return time(figures.share_p99);
        case Measure::GeneratorShare:
            return ratio(figures.share_of_response_time);
        case Measure::Busy:
            return ratio(figures.busy_mean);
        case Measure::BusyMaximum:
            return ratio(figures.busy_max);
        case Measure::LimitsReached:
            return limits_reached(threshold, snapshot);
        default:
            return arrivals(threshold, snapshot);
    }
}

}  // namespace

GoalValue value_of(const Goal& goal, const Snapshot& snapshot) {
    if (const auto limit = stats::limit_of(goal.threshold.subject)) {
        return value_of_limit(*limit, snapshot);
    }
    if (goal.metric) return value_of_metric(goal, snapshot);
    if (stats::is_of_run(goal.threshold.measure)) return value_of_run(goal.threshold, snapshot);
    return value_of_requests(goal.threshold, *snapshot.statistics);
}

}  // namespace cicada::run
