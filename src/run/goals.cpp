// SPDX-License-Identifier: Apache-2.0
#include "run/goals.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/expects.hpp"
#include "base/text.hpp"
#include "run/arrival_pool.hpp"
#include "run/goal_value.hpp"

namespace cicada::run {
namespace {

using stats::Comparison;
using stats::Measure;
using stats::MetricKind;

/// One that the program keeps itself.
bool is_trend_of_arrivals(std::string_view subject) {
    const std::string_view name = subject.substr(0, subject.find('{'));
    return name == ArrivalPool::kFromPlan || name == ArrivalPool::kExecution ||
           name == ArrivalPool::kFirstFromPlan || name == ArrivalPool::kFirst;
}

// ---- results ------------------------------------------------------------------------------------

std::string text_of(const GoalValue& actual) {
    if (!actual.value) return actual.why_not;
    switch (actual.kind) {
        case GoalValue::Kind::Time:
            return base::number_for_people(*actual.value / 1e6) + " ms";
        case GoalValue::Kind::Ratio:
            return base::number_for_people(*actual.value * 100) + "%";
        case GoalValue::Kind::PerSecond:
            return base::number_for_people(*actual.value) + "/s";
        case GoalValue::Kind::Number:
            return base::number_for_people(*actual.value);
    }
    return {};
}

/// A sum that grows and has not grown enough yet.
bool may_grow_into(const stats::Threshold& threshold, double value) {
    const bool grows = stats::limit_of(threshold.subject) || threshold.measure == Measure::Count ||
                       threshold.measure == Measure::Failures ||
                       threshold.measure == Measure::Exceptions ||
                       threshold.measure == Measure::LimitsReached ||
                       threshold.measure == Measure::DroppedArrivals ||
                       threshold.measure == Measure::DelayedArrivals;
    const bool wants_more = threshold.comparison == Comparison::Greater ||
                            threshold.comparison == Comparison::AtLeast ||
                            threshold.comparison == Comparison::Equal;
    return grows && wants_more && value <= threshold.limit;
}

GoalResult judged(const Goal& goal, const Snapshot& snapshot) {
    const GoalValue actual = value_of(goal, snapshot);
    GoalResult result{.text = goal.threshold.text, .actual = text_of(actual)};
    if (!actual.value) {
        result.may_still_pass = true;
        return result;
    }
    result.passed = stats::holds(*actual.value, goal.threshold.comparison, goal.threshold.limit);
    result.may_still_pass = result.passed || may_grow_into(goal.threshold, *actual.value);
    const bool timed = actual.kind == GoalValue::Kind::Time;
    result.value = timed ? *actual.value / 1e6 : *actual.value;
    if (timed) result.unit = "ms";
    if (actual.kind == GoalValue::Kind::Ratio) result.unit = "ratio";
    if (actual.kind == GoalValue::Kind::PerSecond) result.unit = "per_s";
    return result;
}

}  // namespace

base::Result<Goal> make_goal(std::string_view text, const std::vector<stats::MetricKey>& declared) {
    auto threshold = stats::parse_threshold(text);
    if (!threshold) return base::failure(std::move(threshold.error()));
    if (const auto wrong = stats::complaint_about(*threshold, declared)) {
        return base::failure(*wrong);
    }
    Goal goal{.threshold = std::move(*threshold)};
    const std::string& subject = goal.threshold.subject;
    if (subject == stats::kAllChecks || stats::check_of(subject)) {
        goal.metric = MetricKind::Check;
    } else if (const stats::MetricKey* const metric = stats::metric_of(subject, declared)) {
        goal.metric = metric->kind;
    } else if (is_trend_of_arrivals(subject)) {
        goal.metric = MetricKind::Trend;
    }
    return goal;
}

std::vector<GoalResult> judged(const std::vector<Goal>& goals, const Snapshot& snapshot) {
    std::vector<GoalResult> results;
    results.reserve(goals.size());
    for (const Goal& goal : goals) results.push_back(judged(goal, snapshot));
    return results;
}

std::size_t missed(const std::vector<GoalResult>& results) {
    return static_cast<std::size_t>(std::count_if(
        results.begin(), results.end(), [](const GoalResult& each) { return !each.passed; }));
}

const GoalResult* first_lost(const std::vector<Goal>& goals,
                             const std::vector<GoalResult>& results,
                             std::chrono::nanoseconds elapsed) {
    base::expects(goals.size() == results.size(), "each goal has been judged");
    for (std::size_t index = 0; index < goals.size(); ++index) {
        if (!goals[index].abort_on_fail || elapsed < goals[index].warm_up) continue;
        const GoalResult& result = results[index];
        if (!result.passed && !result.may_still_pass) return &result;
    }
    return nullptr;
}

}  // namespace cicada::run
