// SPDX-License-Identifier: Apache-2.0
#include "report/measures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "report/csv_files.hpp"
#include "report/text.hpp"
#include "run/goals.hpp"

namespace cicada::report {
namespace {

using stats::MetricKind;
using stats::MetricUnit;

constexpr std::size_t kRule = 80;  // columns below a title

std::string rule() {
    return std::string(kRule, '-');
}

/// Of a trend: times in milliseconds.
std::string value_text(nanoseconds value, MetricUnit unit) {
    return unit == MetricUnit::Time ? even_ms(value)
                                    : base::number_for_people(stats::trend_number(value));
}

double value_of(nanoseconds value, MetricUnit unit) {
    return unit == MetricUnit::Time ? in_ms(value) : stats::trend_number(value);
}

std::string values_text(const stats::Metric& metric, double seconds) {
    const stats::MetricValues& values = metric.values;
    const MetricUnit unit = metric.key->unit;
    switch (metric.key->kind) {
        case MetricKind::Counter:
            return fmt::format("{} ({}/s)",
                               base::number_for_people(values.sum),
                               base::number_for_people(seconds > 0 ? values.sum / seconds : 0));
        case MetricKind::Gauge:
            return fmt::format("{} (min {}, max {})",
                               base::number_for_people(values.last),
                               base::number_for_people(values.lowest),
                               base::number_for_people(values.highest));
        case MetricKind::Rate:
        case MetricKind::Check:
            return fmt::format("{:.2f}% ({} of {})",
                               values.ratio() * 100,
                               with_commas(values.passed),
                               with_commas(values.count));
        case MetricKind::Trend: {
            const stats::Histogram& times = values.distribution;
            return fmt::format("{} values; avg {}, min {}, med {}, p95 {}, p99 {}, max {}{}",
                               with_commas(values.count),
                               value_text(times.mean(), unit),
                               value_text(times.min(), unit),
                               value_text(times.median(), unit),
                               value_text(times.percentile(0.95), unit),
                               value_text(times.percentile(0.99), unit),
                               value_text(times.max(), unit),
                               unit == MetricUnit::Time ? " ms" : "");
        }
    }
    return {};
}

std::size_t longest_name(const std::vector<std::shared_ptr<const stats::Metric>>& metrics) {
    std::size_t longest = 0;
    for (const auto& metric : metrics) {
        longest = std::max(longest, columns_of(one_line(metric->key->text())));
    }
    return longest;
}

/// Without those that one series with tags says all of: all the values of both are the same.
std::vector<std::shared_ptr<const stats::Metric>> each_said_once(
    const std::vector<std::shared_ptr<const stats::Metric>>& metrics) {
    std::vector<std::shared_ptr<const stats::Metric>> kept;
    for (const auto& metric : metrics) {
        const bool is_said = std::any_of(metrics.begin(), metrics.end(), [&](const auto& other) {
            return other != metric && metric->key->tags.empty() &&
                   other->key->kind == metric->key->kind && other->key->name == metric->key->name &&
                   other->key->unit == metric->key->unit &&
                   other->values.count == metric->values.count;
        });
        if (!is_said) kept.push_back(metric);
    }
    return kept;
}

double seconds_of(const stats::Totals& totals) {
    if (!totals.total().last_request) return 0;
    return std::chrono::duration<double>(*totals.total().last_request - totals.start()).count();
}

}  // namespace

Lines threshold_table(const run::Snapshot& snapshot) {
    if (snapshot.thresholds.empty()) return {};
    std::size_t width = 0;
    for (const run::GoalResult& result : snapshot.thresholds) {
        width = std::max(width, columns_of(one_line(result.text)));
    }
    const std::size_t missed = run::missed(snapshot.thresholds);
    Lines lines{
        missed == 0
            ? "Thresholds: all passed"
            : fmt::format("Thresholds: {} of {} missed", missed, snapshot.thresholds.size()),
        rule()};
    for (const run::GoalResult& result : snapshot.thresholds) {
        lines.push_back(fmt::format("{:<7} {}   {}",
                                    result.passed ? "passed" : "MISSED",
                                    left(one_line(result.text), width),
                                    one_line(result.actual)));
    }
    lines.push_back(rule());
    return lines;
}

Lines check_table(const stats::Totals& totals) {
    Lines lines;
    for (const auto& metric : totals.metrics().all()) {
        if (metric->key->kind != MetricKind::Check) continue;
        if (lines.empty()) {
            lines = {
                "Checks", fmt::format("{:>12} {:>12}  {}", "passed", "failed", "check"), rule()};
        }
        lines.push_back(fmt::format("{:>12} {:>12}  {}",
                                    with_commas(metric->values.passed),
                                    with_commas(metric->values.failed()),
                                    one_line(metric->key->text())));
    }
    if (!lines.empty()) lines.push_back(rule());
    return lines;
}

Lines metric_table(const stats::Totals& totals) {
    auto metrics = totals.metrics().all();
    std::erase_if(metrics, [](const auto& each) { return each->key->kind == MetricKind::Check; });
    metrics = each_said_once(metrics);
    if (metrics.empty()) return {};
    const std::size_t width = longest_name(metrics);
    const double seconds = seconds_of(totals);
    Lines lines{"Metrics of the test", rule()};
    for (const auto& metric : metrics) {
        lines.push_back(fmt::format("{:<8} {}  {}",
                                    stats::name_of(metric->key->kind),
                                    left(one_line(metric->key->text()), width),
                                    values_text(*metric, seconds)));
    }
    lines.push_back(rule());
    return lines;
}

std::string metrics_csv(const stats::Totals& totals) {
    std::string text = csv_row({"Kind",
                                "Name",
                                "Tags",
                                "Unit",
                                "Count",
                                "Passed",
                                "Sum",
                                "Last",
                                "Min",
                                "Max",
                                "Average",
                                "Median",
                                "95%",
                                "99%",
                                "99.9%"});
    for (const auto& metric : totals.metrics().all()) {
        const stats::MetricKey& key = *metric->key;
        const stats::MetricValues& values = metric->values;
        std::vector<std::string> fields{std::string(stats::name_of(key.kind)),
                                        key.name,
                                        key.tags,
                                        key.unit == MetricUnit::Time ? "ms" : "",
                                        std::to_string(values.count)};
        fields.resize(15);
        const auto put = [&](std::size_t column, double value) {
            fields.at(column) = fmt::format("{}", value);
        };
        if (key.kind == MetricKind::Rate || key.kind == MetricKind::Check) {
            fields.at(5) = std::to_string(values.passed);
        }
        if (key.kind == MetricKind::Counter) put(6, values.sum);
        if (key.kind == MetricKind::Gauge) {
            put(7, values.last);
            put(8, values.lowest);
            put(9, values.highest);
        }
        if (key.kind == MetricKind::Trend) {
            const stats::Histogram& each = values.distribution;
            const std::array<nanoseconds, 7> columns{each.min(),
                                                     each.max(),
                                                     each.mean(),
                                                     each.median(),
                                                     each.percentile(0.95),
                                                     each.percentile(0.99),
                                                     each.percentile(0.999)};
            for (std::size_t i = 0; i < columns.size(); ++i) {
                put(8 + i, value_of(columns.at(i), key.unit));
            }
        }
        text += csv_row(fields);
    }
    return text;
}

std::string thresholds_csv(const run::Snapshot& snapshot) {
    std::string text = csv_row({"Threshold", "Passed", "Actual"});
    for (const run::GoalResult& result : snapshot.thresholds) {
        text += csv_row({result.text, result.passed ? "true" : "false", result.actual});
    }
    return text;
}

}  // namespace cicada::report
