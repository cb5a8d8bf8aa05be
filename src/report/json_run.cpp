// SPDX-License-Identifier: Apache-2.0
#include "report/json_run.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "report/text.hpp"
#include "user/limit_names.hpp"

namespace cicada::report {
namespace {

using Json = nlohmann::ordered_json;
using stats::MetricKind;
using stats::MetricUnit;

// Four digits behind the point say a tenth of a microsecond.
double rounded(double value) {
    return std::round(value * 1e4) / 1e4;
}

Json threshold_json(const run::GoalResult& result) {
    const std::string key = result.unit.empty() ? "actual_value" : "actual_value_" + result.unit;
    Json row = {{"threshold", result.text}, {"passed", result.passed}, {"actual", result.actual}};
    row[key] = result.value ? Json(*result.value) : Json();
    return row;
}

Json trend_json(const stats::Histogram& values, MetricUnit unit) {
    const auto shown = [&](nanoseconds value) {
        return unit == MetricUnit::Time ? rounded(in_ms(value)) : stats::trend_number(value);
    };
    return {{"average", shown(values.mean())},
            {"min", shown(values.min())},
            {"median", shown(values.median())},
            {"p95", shown(values.percentile(0.95))},
            {"p99", shown(values.percentile(0.99))},
            {"p99.9", shown(values.percentile(0.999))},
            {"max", shown(values.max())}};
}

Json metric_json(const stats::Metric& metric) {
    const stats::MetricKey& key = *metric.key;
    const stats::MetricValues& values = metric.values;
    Json row = {{"kind", stats::name_of(key.kind)}, {"name", key.name}, {"tags", key.tags}};
    switch (key.kind) {
        case MetricKind::Counter:
            row["sum"] = values.sum;
            break;
        case MetricKind::Gauge:
            row["last"] = values.last;
            row["min"] = values.lowest;
            row["max"] = values.highest;
            break;
        case MetricKind::Rate:
        case MetricKind::Check:
            row["passed"] = values.passed;
            row["failed"] = values.failed();
            break;
        case MetricKind::Trend:
            row["unit"] = key.unit == MetricUnit::Time ? "ms" : "";
            row.update(trend_json(values.distribution, key.unit));
            break;
    }
    row["count"] = values.count;
    return row;
}

Json limit_json(const user::LimitProgress& limit) {
    Json row = {{"name", limit.name},
                {"counts", counted_by(limit.kind)},
                {"per_user", limit.per_user()},
                {"limit", limit.total},
                {"done", limit.done},
                {"cut_off", limit.cut_off},
                {"uncertain", limit.uncertain},
                {"beyond", limit.beyond}};
    row["reached"] = limit.per_user() ? Json() : Json(limit.reached());
    return row;
}

Json arrivals_json(const run::ArrivalProgress& progress) {
    return {{"name", progress.name},
            {"planned", progress.planned},
            {"begun", progress.begun},
            {"done", progress.done},
            {"delayed", progress.delayed},
            {"dropped", progress.dropped},
            {"waiting", progress.waiting()},
            {"max_users", progress.max_users}};
}

Json dry_run_json(const std::optional<run::AnswerCounts>& counts) {
    if (!counts) return {};
    return {{"answers_by_test", counts->by_test},
            {"answers_recorded", counts->recorded},
            {"answers_plain", counts->plain},
            {"plain_latency_ms", rounded(in_ms(counts->plain_latency))}};
}

Json generator_json(const stats::Totals& totals) {
    const stats::GeneratorFigures figures = totals.generator();
    const stats::MachineUse& machine = totals.machine();
    const stats::Shortages& shortages = totals.shortages();
    const double cpu = in_ms(machine.cpu);
    return {{"share_ms_p50", rounded(in_ms(figures.share_p50))},
            {"share_ms_p99", rounded(in_ms(figures.share_p99))},
            {"share_ratio", rounded(figures.share_of_response_time)},
            {"busy_ratio_mean", rounded(figures.busy_mean)},
            {"busy_ratio_max", rounded(figures.busy_max)},
            {"held_ms", rounded(in_ms(machine.held))},
            {"stolen_ratio", cpu > 0 ? rounded(in_ms(machine.stolen) / cpu) : 0.0},
            {"quota_periods", machine.quota_periods},
            {"throttled_periods", machine.throttled_periods},
            {"connections_short_of_descriptors", shortages.descriptors},
            {"connections_short_of_ports", shortages.ports}};
}

}  // namespace

Json run_json(const run::Snapshot& snapshot) {
    const stats::Verdict verdict = run::verdict_of(snapshot);
    Json reasons = Json::array();
    for (const stats::Reason& reason : verdict.reasons) {
        reasons.push_back({{"grade", stats::name_of(reason.grade)}, {"text", reason.text}});
    }
    Json thresholds = Json::array();
    for (const run::GoalResult& result : snapshot.thresholds) {
        thresholds.push_back(threshold_json(result));
    }
    Json limits = Json::array();
    for (const user::LimitProgress& limit : snapshot.limits) limits.push_back(limit_json(limit));
    Json checks = Json::array();
    Json metrics = Json::array();
    for (const auto& metric : snapshot.statistics->metrics().all()) {
        Json& rows = metric->key->kind == MetricKind::Check ? checks : metrics;
        rows.push_back(metric_json(*metric));
    }
    Json arrivals = Json::array();
    for (const run::ArrivalProgress& progress : snapshot.arrivals) {
        arrivals.push_back(arrivals_json(progress));
    }
    return {{"profile", snapshot.profile},
            {"dry_run", dry_run_json(snapshot.dry_run)},
            {"verdict", snapshot.dry_run ? Json() : Json(stats::name_of(verdict.grade))},
            {"reasons", std::move(reasons)},
            {"exchanges_uncertain", snapshot.statistics->uncertain_exchanges()},
            {"generator", generator_json(*snapshot.statistics)},
            {"warnings", run::warnings_of(snapshot)},
            {"thresholds", std::move(thresholds)},
            {"limits", std::move(limits)},
            {"checks", std::move(checks)},
            {"metrics", std::move(metrics)},
            {"arrivals", std::move(arrivals)}};
}

}  // namespace cicada::report
