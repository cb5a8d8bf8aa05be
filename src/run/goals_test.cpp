// SPDX-License-Identifier: Apache-2.0
#include "run/goals.hpp"

#include <doctest/doctest.h>

#include "stats/recorder.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;
using stats::MetricKind;
using stats::MetricUnit;

const std::vector<stats::MetricKey> kDeclared{
    {.kind = MetricKind::Counter, .name = "orders"},
    {.kind = MetricKind::Gauge, .name = "stock"},
    {.kind = MetricKind::Rate, .name = "hits"},
    {.kind = MetricKind::Trend, .name = "render"},
    {.kind = MetricKind::Trend, .name = "never told"},
};

/// Ten seconds, 100 requests GET / of 1 to 100 ms (4 failed), 1 POST / of 500 ms, some metrics.
Snapshot measured() {
    const stats::ClockPair start{base::TimePoint(1h), base::WallTime(1'000'000s)};
    stats::Recorder recorder(start);
    for (int i = 1; i <= 100; ++i) {
        recorder.record("GET",
                        "/",
                        {.completed = start.steady + 100ms * i,
                         .response_time = 1ms * i,
                         .generator_share = 10us,
                         .failed = i % 25 == 0});
    }
    recorder.record("POST", "/", {.completed = start.steady + 10s, .response_time = 500ms});
    recorder.record_exception("std::runtime_error", "no stock", "Shopper.buy");
    recorder.record_busy(start.steady + 1s, 250ms, 1s);
    stats::MetricRecorder& metrics = recorder.metrics();
    const stats::MetricTag tags[] = {{"region", "eu"}, {"page", "cart"}};
    metrics.add(metrics.series(MetricKind::Counter, "orders", tags), 30);
    metrics.add(metrics.series(MetricKind::Counter, "orders"), 12.5);
    metrics.set(metrics.series(MetricKind::Gauge, "stock"), 7, start.wall);
    metrics.set(metrics.series(MetricKind::Gauge, "stock"), 5, start.wall + 1s);
    for (const bool hit : {true, true, true, false}) {
        metrics.tell(metrics.series(MetricKind::Rate, "hits"), hit);
        metrics.tell(metrics.series(MetricKind::Check, "logged in"), hit);
        metrics.tell(metrics.series(MetricKind::Check, "sold", tags), true);
    }
    metrics.observe(metrics.series(MetricKind::Trend, "render", {}, MetricUnit::Time), 20ms);
    Snapshot snapshot;
    snapshot.state = State::Running;
    snapshot.elapsed = 10s;
    stats::Totals totals(start.wall);
    totals.merge(recorder.take(start.steady + 10s));
    snapshot.statistics = std::make_shared<const stats::Totals>(std::move(totals));
    return snapshot;
}

Goal goal(std::string_view text) {
    auto made = make_goal(text, kDeclared);
    INFO(text);
    REQUIRE(made);
    return *made;
}

GoalResult result_of(std::string_view text, const Snapshot& snapshot) {
    return judged({goal(text)}, snapshot).front();
}

TEST_CASE("each measure has its value") {
    // Goal: what is compared is what the tables show, for requests, metrics, checks and the run.
    // Method: known figures; each threshold is true, and false the other way round.
    const Snapshot snapshot = measured();
    const std::vector<std::pair<std::string, std::string>> truths{
        {"count == 101", "101"},
        {"fails == 4", "4"},
        {"max == 500ms", "500 ms"},
        {"min == 1ms", "1 ms"},
        {"GET /: max <= 100ms", "100 ms"},
        {"GET /: avg == 50.5ms", "50.5 ms"},
        {"POST /: p99 == 500ms", "500 ms"},
        {"/: count == 101", "101"},
        {"GET /: fail_ratio == 4%", "4%"},
        {"GET /: rps == 10/s", "10/s"},
        {"exceptions == 1", "1"},
        {"busy == 25%", "25%"},
        {"busy_max == 25%", "25%"},
        {"generator_p99 == 10us", "0.01 ms"},
        {"generator_p50 > 0ms", "0.01 ms"},
        {"generator_share < 1%", "0.01802%"},
        {"orders: count == 42.5", "42.5"},
        {"orders: rps == 4.25", "4.25/s"},
        {"orders{region=eu, page=cart}: count == 30", "30"},
        {"stock: value == 5", "5"},
        {"stock: max == 7", "7"},
        {"stock: min == 5", "5"},
        {"hits: ratio == 75%", "75%"},
        {"hits: fails == 1", "1"},
        {"check logged in: fail_ratio == 0.25", "25%"},
        {"check sold{page=cart,region=eu}: count == 4", "4"},
        {"checks: ratio == 87.5%", "87.5%"},
        {"render: p99.9 == 20ms", "20 ms"},
        {"render: count == 1", "1"},
    };
    for (const auto& [text, actual] : truths) {
        const GoalResult result = result_of(text, snapshot);
        INFO(text);
        CHECK(result.passed);
        CHECK(result.actual == actual);
        CHECK(result.text == text);
    }
    CHECK_FALSE(result_of("count != 101", snapshot).passed);
    CHECK_FALSE(result_of("p50 < 20ms", snapshot).passed);
}

TEST_CASE("values are given with their unit") {
    // Goal: JSON and JUnit can say what a number is.
    // Method: one of each unit.
    const Snapshot snapshot = measured();
    CHECK(result_of("max < 1s", snapshot).value == 500);
    CHECK(result_of("max < 1s", snapshot).unit == "ms");
    CHECK(result_of("busy < 1", snapshot).unit == "ratio");
    CHECK(result_of("rps > 1", snapshot).unit == "per_s");
    CHECK(result_of("count > 1", snapshot).unit == "");
}

TEST_CASE("what was never measured is not passed, and says why") {
    // Goal: a misspelt name never passes silently.
    // Method: names that are wrong or were never told.
    const Snapshot snapshot = measured();
    const auto why = [&](std::string_view text) {
        const GoalResult result = result_of(text, snapshot);
        CHECK_FALSE(result.passed);
        CHECK_FALSE(result.value);
        return result.actual;
    };
    CHECK(why("/search: p95 < 1s") == "no request /search was recorded");
    CHECK(why("GET  /: p95 < 1s") == "no request GET  / was recorded; did you mean GET /?");
    CHECK(why("never told: p95 < 1s") == "never told was never told a value");
    CHECK(why("render: p95 < 3") == "render was told times, no numbers");
    CHECK(why("check nobody: ratio > 1%") == "check nobody was never told a value");
    CHECK(result_of("GET /itms: count == 0", snapshot).passed);
    Snapshot empty = snapshot;
    empty.statistics = std::make_shared<const stats::Totals>(base::WallTime{});
    CHECK(result_of("fail_ratio < 1%", empty).actual == "no request was recorded");
    CHECK_FALSE(result_of("fail_ratio < 1%", empty).passed);
}

TEST_CASE("limits and arrivals can be asked for") {
    // Goal: numbers and shares, over all classes; a limit by its name; limits per user do not
    // count. Method: a snapshot with some of each.
    Snapshot snapshot = measured();
    CHECK(result_of("limits_reached == 100%", snapshot).actual == "the test has no limits");
    CHECK(result_of("dropped_arrivals == 0", snapshot).actual == "the test has no arrivals");
    CHECK_FALSE(result_of("dropped_arrivals == 0", snapshot).passed);
    snapshot.limits = {
        {.name = "Shopper.buy", .total = 1000, .done = 1000},
        {.name = "Shopper.buy", .kind = user::LimitKind::Requests, .total = 1000, .done = 250},
        {.name = "Shopper.ping",
         .kind = user::LimitKind::ExecutionsPerUser,
         .total = 5,
         .done = 500}};
    snapshot.arrivals = {{.name = "A", .planned = 300, .begun = 290, .delayed = 20, .dropped = 3},
                         {.name = "B", .planned = 100, .begun = 100, .dropped = 1}};
    CHECK(result_of("limits_reached == 1", snapshot).passed);
    CHECK(result_of("limits_reached == 50%", snapshot).actual == "50%");
    CHECK(result_of("limit Shopper.buy: ratio == 25%", snapshot).passed);
    CHECK(result_of("limit Shopper.by: ratio == 100%", snapshot).actual ==
          "the test has no limit Shopper.by; did you mean Shopper.buy?");
    CHECK(result_of("dropped_arrivals == 4", snapshot).passed);
    CHECK(result_of("dropped_arrivals <= 1%", snapshot).actual == "1%");
    CHECK(result_of("delayed_arrivals < 5.1%", snapshot).actual == "5%");
    CHECK(result_of("limit Shopper.buy: ratio == 100%", snapshot).may_still_pass);
    CHECK(goal("execution from plan{task=A.b}: p99 < 1s").metric == MetricKind::Trend);
}

TEST_CASE("a test is given up only for what it can no longer reach") {
    // Goal: warm-up, no value yet, and sums that still grow are no reasons to stop; without being
    // asked to, no threshold stops a test. Method: one goal, before and after its warm-up.
    const Snapshot snapshot = measured();
    const auto stops = [&](const Goal& one) {
        const auto results = judged({one}, snapshot);
        return first_lost({one}, results, snapshot.elapsed) == &results.front();
    };
    const auto lost = [&](std::string_view text, std::chrono::nanoseconds warm_up = 0s) {
        Goal one = goal(text);
        one.abort_on_fail = true;
        one.warm_up = warm_up;
        return stops(one);
    };
    CHECK(lost("p50 < 20ms"));
    CHECK(lost("p50 < 20ms", 10s));
    CHECK_FALSE(lost("p50 < 20ms", 11s));
    CHECK_FALSE(lost("p50 < 2s"));
    CHECK_FALSE(lost("GET /itms: p50 < 20ms"));
    CHECK_FALSE(lost("count > 1000"));
    CHECK_FALSE(lost("count == 1000"));
    CHECK(lost("count < 50"));
    CHECK(lost("count == 50"));
    CHECK_FALSE(stops(goal("p50 < 20ms")));
}

TEST_CASE("a goal that can never be judged is refused") {
    // Goal: the words of the parser and of the metrics' kinds come through.
    // Method: one of each.
    CHECK(make_goal("p95", kDeclared).error().starts_with("it compares nothing"));
    CHECK(make_goal("orders: p95 < 1", kDeclared).error().starts_with("orders is a counter"));
    CHECK(missed({{.passed = true}, {.passed = false}, {.passed = false}}) == 2);
}

}  // namespace
}  // namespace cicada::run
