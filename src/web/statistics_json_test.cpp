// SPDX-License-Identifier: Apache-2.0
#include "web/statistics_json.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "stats/recorder.hpp"

namespace cicada::web {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

run::Snapshot refused_once() {
    stats::Recorder recorder({base::TimePoint(1h), base::WallTime(1'000'000s)});
    recorder.record("GET", "/", {.failed = true, .error = "refused", .exchanges = {.sent = false}});
    stats::Totals totals(base::WallTime(1'000'000s));
    totals.merge(recorder.take(base::TimePoint(1h)));
    run::Snapshot snapshot;
    snapshot.state = run::State::Running;
    snapshot.statistics = std::make_shared<const stats::Totals>(totals);
    return snapshot;
}

TEST_CASE("what Locust's answer lacks stands beside its keys") {
    // Goal: limits, thresholds, arrivals, progress and verdict reach the page; users of arrivals
    // are told apart from those asked for. Method: a snapshot with one of each.
    run::Snapshot snapshot = refused_once();
    snapshot.user_count = 25;
    snapshot.target_user_count = 10;
    snapshot.paused = true;
    snapshot.course = "stage 2 of 3";
    snapshot.limits = {{"Shopper.order", user::LimitKind::Executions, 1000, 612, 0},
                       {"Shopper.ping", user::LimitKind::ExecutionsPerUser, 5, 185, 0}};
    snapshot.thresholds = {{"p95 < 1ms", "1253 ms", 1253, "ms", false, true}};
    snapshot.arrivals = {{.name = "Buyer",
                          .planned = 1200,
                          .begun = 1190,
                          .done = 1180,
                          .delayed = 7,
                          .dropped = 4,
                          .users = 20,
                          .busy = 12,
                          .max_users = 50}};
    snapshot.progress = run::Progress{.part = 0.5, .time_left = 1500ms, .by_limits = true};
    const json found = json::parse(statistics_json(snapshot, base::WallTime(1'000'001s)));
    CHECK(found["user_count"] == 25);
    CHECK(found["target_user_count"] == 10);
    CHECK(found["users_of_arrivals"] == 20);
    CHECK(found["paused"] == true);
    CHECK(found["course"] == "stage 2 of 3");
    CHECK(found["limits"] == json::parse(R"([
        {"name": "Shopper.order", "counts": "executions", "per_user": false, "limit": 1000,
         "done": 612, "reached": false},
        {"name": "Shopper.ping", "counts": "executions", "per_user": true, "limit": 5,
         "done": 185, "reached": false}])"));
    CHECK(found["thresholds"] == json::parse(R"([
        {"threshold": "p95 < 1ms", "actual": "1253 ms", "passed": false, "may_still_pass": true}])"));
    CHECK(found["arrivals"] == json::parse(R"([
        {"name": "Buyer", "planned": 1200, "begun": 1190, "done": 1180, "delayed": 7, "dropped": 4,
         "waiting": 6, "users": 20, "busy": 12, "max_users": 50}])"));
    CHECK(found["progress"] ==
          json::parse(R"({"part": 0.5, "time_left_s": 1.5, "by_limits": true})"));
    CHECK(found["verdict"] == "INVALID");
    CHECK(found["reasons"][0]["grade"] == "INVALID");
    CHECK(found["reasons"][0]["text"] == found["warnings"][0]);

    snapshot.progress->time_left.reset();
    CHECK(json::parse(statistics_json(snapshot, {}))["progress"]["time_left_s"].is_null());
    CHECK(json::parse(statistics_json(refused_once(), {}))["progress"].is_null());
}

}  // namespace
}  // namespace cicada::web
