// SPDX-License-Identifier: Apache-2.0
#include "web/statistics_json.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "user/limit_names.hpp"

namespace cicada::web {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;

double milliseconds(nanoseconds time) {
    const double microseconds = std::round(static_cast<double>(time.count()) / 1e3);
    return microseconds / 1e3;
}

json optional_milliseconds(const std::optional<nanoseconds>& time) {
    return time ? json(milliseconds(*time)) : json(nullptr);
}

std::string utc(base::WallTime time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

json entry_json(const stats::Totals& totals, const stats::Entry& entry) {
    const stats::Rates current = totals.current_rates(entry);
    const stats::Rates total = totals.total_rates(entry);
    return {{"method", entry.method()},
            {"name", entry.name()},
            {"num_requests", entry.counts.requests},
            {"num_failures", entry.counts.failures},
            {"num_exchanges", entry.counts.exchanges()},
            {"min_response_time", milliseconds(entry.min())},
            {"max_response_time", milliseconds(entry.max())},
            {"avg_response_time", milliseconds(entry.average())},
            {"median_response_time", milliseconds(entry.median())},
            {"response_time_percentile_0.95", milliseconds(entry.percentile(0.95))},
            {"response_time_percentile_0.99", milliseconds(entry.percentile(0.99))},
            {"avg_content_length", entry.average_bytes()},
            {"current_rps", current.requests_per_s},
            {"current_fail_per_sec", current.failures_per_s},
            {"total_rps", total.requests_per_s},
            {"total_fail_per_sec", total.failures_per_s}};
}

json entries_json(const stats::Totals& totals) {
    json rows = json::array();
    const auto entries = totals.entries();
    for (std::size_t index = 0; index < std::min(entries.size(), kMostRows); ++index) {
        rows.push_back(entry_json(totals, *entries[index]));
    }
    rows.push_back(entry_json(totals, totals.total()));
    return rows;
}

json errors_json(const stats::Totals& totals) {
    json rows = json::array();
    const auto errors = totals.errors();
    for (std::size_t index = 0; index < std::min(errors.size(), kMostRows); ++index) {
        const stats::ErrorCount& error = *errors[index];
        rows.push_back({{"method", error.key->method},
                        {"name", error.key->name},
                        {"error", error.text},
                        {"occurrences", error.occurrences},
                        {"first_seen", utc(error.first_seen)},
                        {"last_seen", utc(error.last_seen)}});
    }
    return rows;
}

json thresholds_json(const run::Snapshot& snapshot) {
    json rows = json::array();
    for (const run::GoalResult& result : snapshot.thresholds) {
        rows.push_back({{"threshold", result.text},
                        {"passed", result.passed},
                        {"may_still_pass", result.may_still_pass},
                        {"actual", result.actual}});
    }
    return rows;
}

json workers_json(const run::Snapshot& snapshot) {
    json rows = json::array();
    for (const run::WorkerView& worker : snapshot.workers) {
        rows.push_back(
            {{"id", worker.id},
             {"index", worker.index},
             {"state", run::name_of(worker.state)},
             {"user_count", worker.user_count},
             {"cpu_usage", worker.cpu_percent},
             {"memory_usage", worker.memory_bytes ? json(*worker.memory_bytes) : json(nullptr)}});
    }
    return rows;
}

json reasons_json(const stats::Verdict& verdict) {
    json rows = json::array();
    for (const stats::Reason& reason : verdict.reasons) {
        rows.push_back({{"grade", stats::name_of(reason.grade)}, {"text", reason.text}});
    }
    return rows;
}

json limits_json(const run::Snapshot& snapshot) {
    json rows = json::array();
    for (const user::LimitProgress& limit : snapshot.limits) {
        rows.push_back({{"name", limit.name},
                        {"counts", user::counted_by(limit.kind)},
                        {"per_user", limit.per_user()},
                        {"limit", limit.total},
                        {"done", limit.done},
                        {"reached", limit.reached()}});
    }
    return rows;
}

json arrivals_json(const run::Snapshot& snapshot) {
    json rows = json::array();
    for (const run::ArrivalProgress& progress : snapshot.arrivals) {
        rows.push_back({{"name", progress.name},
                        {"planned", progress.planned},
                        {"begun", progress.begun},
                        {"done", progress.done},
                        {"delayed", progress.delayed},
                        {"dropped", progress.dropped},
                        {"waiting", progress.waiting()},
                        {"users", progress.users},
                        {"busy", progress.busy},
                        {"max_users", progress.max_users}});
    }
    return rows;
}

json progress_json(const std::optional<run::Progress>& progress) {
    if (!progress) return nullptr;
    json row = {{"part", progress->part}, {"by_limits", progress->by_limits}};
    const auto left = progress->time_left;
    row["time_left_s"] = left ? json(static_cast<double>(left->count()) / 1e9) : json(nullptr);
    return row;
}

/// Of `user_count`, those that come by a rate and not by a number.
std::int64_t users_of_arrivals(const run::Snapshot& snapshot) {
    std::int64_t users = 0;
    for (const run::ArrivalProgress& progress : snapshot.arrivals) users += progress.users;
    return users;
}

// Names and error texts come from servers; what is no UTF-8 must not make an exception of it.
std::string dumped(const json& value) {
    return value.dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string statistics_json(const run::Snapshot& snapshot, base::WallTime now) {
    const stats::Totals& totals = *snapshot.statistics;
    const stats::Entry& total = totals.total();
    const stats::Rates current = totals.current_rates(total);
    const stats::Rates rates = totals.total_rates(total);
    const stats::Verdict verdict = run::verdict_of(snapshot);
    json answer = {{"state", run::name_of(snapshot.state)},
                   {"paused", snapshot.paused},
                   {"course", snapshot.course},
                   {"host", snapshot.host},
                   {"user_count", snapshot.user_count},
                   {"target_user_count", snapshot.target_user_count},
                   {"users_of_arrivals", users_of_arrivals(snapshot)},
                   {"elapsed_s", static_cast<double>(snapshot.elapsed.count()) / 1e9},
                   {"current_rps", current.requests_per_s},
                   {"current_fail_per_sec", current.failures_per_s},
                   {"total_rps", rates.requests_per_s},
                   {"total_fail_per_sec", rates.failures_per_s},
                   {"total_avg_response_time", milliseconds(total.average())},
                   {"fail_ratio", total.fail_ratio()},
                   {"current_response_time_percentiles",
                    {{"response_time_percentile_0.5",
                      optional_milliseconds(total.current_percentile(0.50, now))},
                     {"response_time_percentile_0.95",
                      optional_milliseconds(total.current_percentile(0.95, now))}}},
                   {"stats", entries_json(totals)},
                   {"errors", errors_json(totals)},
                   {"verdict", stats::name_of(verdict.grade)},
                   {"reasons", reasons_json(verdict)},
                   {"thresholds", thresholds_json(snapshot)},
                   {"limits", limits_json(snapshot)},
                   {"arrivals", arrivals_json(snapshot)},
                   {"progress", progress_json(snapshot.progress)},
                   {"warnings", run::warnings_of(snapshot)}};
    if (!snapshot.workers.empty()) {
        answer["workers"] = workers_json(snapshot);
        answer["worker_count"] = snapshot.workers.size();
    }
    return dumped(answer);
}

std::string exceptions_json(const run::Snapshot& snapshot) {
    json rows = json::array();
    for (const stats::ExceptionCount& exception : snapshot.statistics->exceptions()) {
        rows.push_back({{"count", exception.count},
                        {"msg", fmt::format("{}: {}", exception.type, exception.text)},
                        {"traceback", exception.where},
                        {"nodes", "local"}});
    }
    return dumped({{"exceptions", rows}});
}

std::string health_json(const run::Snapshot& snapshot) {
    return dumped({{"status", "ok"},
                   {"state", run::name_of(snapshot.state)},
                   {"user_count", snapshot.user_count}});
}

}  // namespace cicada::web
