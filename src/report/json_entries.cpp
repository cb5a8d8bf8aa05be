// SPDX-License-Identifier: Apache-2.0
#include "report/json_entries.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/json_run.hpp"
#include "report/text.hpp"

namespace cicada::report {
namespace {

using Json = nlohmann::ordered_json;

double epoch_seconds(base::WallTime time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

Json percentiles(const stats::Entry& entry) {
    Json values = Json::object();
    for (const double part : stats::kReportedPercentiles) {
        values[python_float(part)] = std::round(in_ms(entry.percentile(part)) * 1e4) / 1e4;
    }
    return values;
}

Json entry_map(const stats::Totals& totals, const stats::Entry& entry) {
    Json buckets = Json::object();
    for (const auto& [ms, count] : entry.response_times.locust_buckets()) {
        buckets[std::to_string(ms)] = count;
    }
    Json requests = Json::object();
    Json failures = Json::object();
    for (const stats::SecondCounts& second : entry.seconds.all()) {
        requests[std::to_string(second.second)] = second.requests;
        if (second.failures > 0) failures[std::to_string(second.second)] = second.failures;
    }
    const bool timed = !entry.response_times.empty();
    return {
        {"name", entry.name()},
        {"method", entry.method()},
        {"last_request_timestamp",
         entry.last_request ? Json(epoch_seconds(*entry.last_request)) : Json()},
        {"start_time", epoch_seconds(totals.start())},
        {"num_requests", entry.counts.requests},
        {"num_none_requests", 0},
        {"num_failures", entry.counts.failures},
        {"total_response_time", entry.response_times.sum_ns() / 1e6},
        {"max_response_time", in_ms(entry.max())},
        {"min_response_time", timed ? Json(in_ms(entry.min())) : Json()},
        {"total_content_length", entry.counts.bytes},
        {"response_times", std::move(buckets)},
        {"num_reqs_per_sec", std::move(requests)},
        {"num_fail_per_sec", std::move(failures)},
        {"median_response_time_ms", in_ms(entry.median())},
        {"response_time_percentiles_ms", percentiles(entry)},
        {"exchanges", entry.counts.exchanges()},
        {"redirects", entry.counts.redirects},
        {"resends", entry.counts.resends},
        {"aborted", entry.counts.aborted},
    };
}

}  // namespace

std::string json_report(const run::Snapshot& snapshot) {
    const stats::Totals& totals = *snapshot.statistics;
    Json entries = Json::array();
    for (const auto& entry : totals.entries()) {
        if (entry->counts.requests > 0) entries.push_back(entry_map(totals, *entry));
    }
    stats::Entry none;
    none.key = std::make_shared<const stats::EntryKey>(stats::EntryKey{"", "(run)"});
    Json last = entry_map(totals, none);
    last["run"] = run_json(snapshot);
    entries.push_back(std::move(last));
    return entries.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cicada::report
