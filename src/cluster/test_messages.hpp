// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "cluster/messages.hpp"

// One message of each kind between Cicada nodes, with a value in each field: for tests.
namespace cicada::cluster {

inline stats::Histogram some_times(int seed, int buckets = 40) {
    stats::Histogram times;
    for (int i = 0; i < buckets; ++i) {
        times.record_many(std::chrono::microseconds(900 + seed * 3 + i * i * 37),
                          static_cast<std::uint64_t>(1 + (i * 7 + seed) % 50));
    }
    return times;
}

inline base::WallTime some_time(int seed) {
    return base::WallTime(std::chrono::nanoseconds(1'700'000'000'000'000'000 + seed * 1'234'567));
}

/// Of `names` entries and whatever else there can be.
inline stats::Delta full_delta(int seed, int names = 3, int buckets = 40) {
    stats::Delta delta{.taken = some_time(seed)};
    for (int i = 0; i < names; ++i) {
        delta.entries.push_back({.key = std::make_shared<stats::EntryKey>(stats::EntryKey{
                                     "GET", "/catalogue/item-" + std::to_string(i) + "/[id]"}),
                                 .counts = {.requests = 100U + static_cast<unsigned>(seed + i),
                                            .failures = 2,
                                            .bytes = 123'456,
                                            .sent = 99,
                                            .redirects = 3,
                                            .resends = 4,
                                            .aborted = 5},
                                 .response_times = some_times(seed + i, buckets),
                                 .seconds = {{1'700'000'001, 30, 1}, {1'700'000'002, 70, 1}},
                                 .last_request = some_time(seed + i)});
    }
    delta.errors.push_back(
        {.key = delta.entries.empty() ? std::make_shared<stats::EntryKey>() : delta.entries[0].key,
         .text = "status 503",
         .occurrences = 2,
         .first_seen = some_time(1),
         .last_seen = some_time(2)});
    delta.exceptions.push_back({"std::runtime_error", "boom", "WebsiteUser.index", 3});
    delta.generator_share = some_times(seed, 5);
    delta.busy.push_back({1'700'000'001, std::chrono::milliseconds(250), std::chrono::seconds(1)});
    delta.metrics.push_back(
        {.key = std::make_shared<stats::MetricKey>(stats::MetricKey{
             stats::MetricKind::Trend, stats::MetricUnit::Time, "basket", "page=cart,region=eu"}),
         .values = {.count = 9,
                    .passed = 8,
                    .sum = 1.5,
                    .last = -2.5,
                    .lowest = -3.5,
                    .highest = 4.5,
                    .last_set = some_time(3),
                    .distribution = some_times(seed, 4)}});
    delta.shortages = {.descriptors = 1, .ports = 2};
    delta.uncertain_exchanges = 6;
    delta.warnings = {"a warning"};
    return delta;
}

inline run::EngineReport full_status() {
    run::EngineReport report;
    report.statistics_epoch = 2;
    report.machine = {.cpu = std::chrono::seconds(2),
                      .stolen = std::chrono::milliseconds(1),
                      .quota_periods = 3,
                      .throttled_periods = 4,
                      .held = std::chrono::milliseconds(5),
                      .longest_hold = std::chrono::milliseconds(6)};
    report.letters = {{.type = "news", .json = R"({"a":1})", .node = "other"}};
    report.takes = 12;
    report.users = {3, 0, 9};
    report.user_count = 12;
    report.steps_done = 4;
    report.tests_begun = 5;
    report.tests_ended = 6;
    report.has_left = true;
    report.shape = run::ShapeWish{
        .test = 1, .aim = run::Aim{.users = 8, .spawn_rate = 0.5, .classes = {0, 2}}};
    report.arrivals = {{"Buyer", 100, 90, 80, 7, 6, 5, 4, 3, true}};
    report.limits = {{"Shopper.checkout", user::LimitKind::Requests, 1000, 500, 2}};
    report.limits_part_done = 0.25;
    report.nothing_left = true;
    report.lease_round = 3;
    report.leases = {{.key = {run::LeaseKind::Rows, 1},
                      .name = "accounts.csv",
                      .total = 100,
                      .held = {.granted = 50,
                               .used = 10,
                               .taken = 2,
                               .returned = 5,
                               .recalls = 1,
                               .need = user::Need::Soon}}};
    report.lease_returns = {
        {.key = {run::LeaseKind::Arrivals, 2}, .block = {.first = 7, .count = 3, .stride = 2}}};
    report.stops_asked = 1;
    report.quit_asked = true;
    report.exit_code = -3;
    report.cannot_go_on = {"there is no host"};
    report.listener_threw = true;
    return report;
}

inline from_worker::Report full_report(int seed, int names = 3, int buckets = 40) {
    from_worker::Report report{
        .incarnation = 0xFEDC'BA98'7654'3210, .number = 5, .report = full_status()};
    report.report.delta = full_delta(seed, names, buckets);
    return report;
}

inline std::vector<FromWorker> full_messages_of_worker() {
    return {from_worker::Hello{.incarnation = 1,
                               .reign = 2,
                               .last_acknowledged = 3,
                               .last_command = 4,
                               .protocol = 5,
                               .version = "0.1",
                               .processors = 6,
                               .test_hash = "abc",
                               .test_complaint = "it does not compile",
                               .classes = {"A", "B"},
                               .status = full_status()},
            full_report(1),
            from_worker::CommandsDone{.reign = 1, .number = 2},
            from_worker::WorkerLog{.first = 9, .lines = {"one", "two"}}};
}

inline std::vector<Command> full_commands() {
    run::TestBegin begin;
    begin.statistics_epoch = 3;
    begin.host = "http://host";
    begin.stop_timeout = std::chrono::seconds(4);
    begin.settings = {{"tags", "read, write"}};
    begin.seed = 0xFFFF'0000'FFFF'0000;
    begin.lease_round = 2;
    begin.first_guest = 2'000'000'000'000;
    const run::LeaseGrant grant{
        .key = {run::LeaseKind::Arrivals, 1},
        .block = {.first = 10, .count = 5, .stride = 3},
        .arrivals = run::ArrivalLease{.zero = base::TimePoint(std::chrono::seconds(1'700'000'000)),
                                      .max_users = 4,
                                      .number = 9,
                                      .due = 1.25,
                                      .random_state = 0xFFFF'FFFF'FFFF'FFFF}};
    return {command::BeginTest{begin},
            command::TakeStep{{.start = {{0, 1}, {2, 5}}, .stop = {9, 8}}},
            command::Pause{},
            command::Resume{},
            command::AnnounceSpawned{12},
            command::EndTest{},
            command::ResetStatistics{4},
            command::Tell{{.state = run::State::Running,
                           .user_count = 1,
                           .target_user_count = 2,
                           .elapsed = std::chrono::seconds(3),
                           .requests = 4,
                           .failures = 5,
                           .requests_per_s = 6.5,
                           .median = std::chrono::milliseconds(7),
                           .p95 = std::chrono::milliseconds(8),
                           .p99 = std::chrono::milliseconds(9)}},
            command::Leave{},
            command::DisableTask{"Shopper.checkout"},
            command::Deliver{"news", R"({"a":1})", "master"},
            command::Grant{grant},
            command::Recall{{run::LeaseKind::Limit, 3}, 17},
            command::Close{{run::LeaseKind::Rows, 4}}};
}

inline std::vector<FromMaster> full_messages_of_master() {
    return {from_master::Welcome{.reign = 1,
                                 .incarnation = 2,
                                 .last_report = 3,
                                 .master_time = some_time(4),
                                 .seed = 5,
                                 .worker_index = 6,
                                 .worker_count = 7,
                                 .settings = {{"stop-timeout", "5"}}},
            from_master::Refused{.incarnation = 1, .why = "its id is taken"},
            from_master::Commands{.reign = 1, .first = 2, .commands = full_commands()},
            from_master::ReportDone{.incarnation = 1, .number = 2}};
}

}  // namespace cicada::cluster
