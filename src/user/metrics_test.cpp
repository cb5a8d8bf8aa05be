// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cicada/cicada.hpp>
#include <cmath>
#include <stdexcept>

#include "stats/totals.hpp"
#include "user/measures.hpp"
#include "user/test_run.hpp"

namespace cicada::user {
namespace {

using stats::MetricKind;
using stats::MetricUnit;

/// A run whose metrics are kept.
struct MetricRun : TestRun {
    MetricRun() { keep_metrics_in(&recorder); }
    MetricRun(const MetricRun&) = delete;
    MetricRun& operator=(const MetricRun&) = delete;
    ~MetricRun() { keep_metrics_in(nullptr); }

    stats::MetricValues told(MetricKind kind,
                             std::string name,
                             std::string tags = "",
                             MetricUnit unit = MetricUnit::Number) {
        totals.merge(recorder.take(base::steady_now()));
        const stats::Metric* const found =
            totals.metrics().find({kind, unit, std::move(name), std::move(tags)});
        return found == nullptr ? stats::MetricValues{} : found->values;
    }

    stats::Totals totals{base::wall_now()};
};

using Lines = std::vector<std::string>;

class Shopper : public User {};

TEST_CASE("a task tells its metrics and checks") {
    // Goal: every kind, with and without tags, arrives in the statistics; check() returns what it
    // was told.
    // Method: one task that tells them all, once; declared and used as an author would.
    MetricRun run;
    const auto orders = counter("orders");
    const auto stock = gauge("stock");
    const auto hits = rate("cache hits");
    const auto render = trend("render");
    const auto basket = trend("basket");
    bool returned = true;
    users<Shopper>().task("buy", [&] {
        orders.add();
        orders.add(2, {{"region", "eu"}});
        stock.set(-4.5);
        hits.add(true, {{"page", 7}});
        hits.add(false);
        render.add(0.5s);
        render.add(20ms, {{"page", "cart"}});
        basket.add(3);
        returned = check("sold", 1 > 2, {{"region", "eu"}});
        check("sold", true);
        stop_user();
    });
    run.run_one_user(1s);
    CHECK(run.recorded() == Lines{});
    CHECK_FALSE(returned);
}

TEST_CASE("what was told can be read by name and tags") {
    // Goal: the figures of each kind.
    // Method: as above, read from the totals.
    MetricRun run;
    const auto orders = counter("orders");
    const auto stock = gauge("stock");
    const auto render = trend("render");
    const auto basket = trend("basket");
    users<Shopper>().task("buy", [&] {
        orders.add();
        orders.add(2, {{"region", "eu"}});
        stock.set(-4.5);
        render.add(0.5s);
        basket.add(3);
        check("sold", false);
        check("sold", true);
        stop_user();
    });
    run.run_one_user(1s);
    CHECK(run.told(MetricKind::Counter, "orders").sum == 3);
    CHECK(run.told(MetricKind::Counter, "orders", "region=eu").sum == 2);
    CHECK(run.told(MetricKind::Gauge, "stock").last == -4.5);
    CHECK(run.told(MetricKind::Trend, "render", "", MetricUnit::Time).distribution.max() == 500ms);
    CHECK(stats::trend_number(run.told(MetricKind::Trend, "basket").distribution.max()) == 3);
    CHECK(run.told(MetricKind::Check, "sold").ratio() == 0.5);
}

TEST_CASE("a value that makes no sense is an exception of the task") {
    // Goal: negative amounts and numbers that are none are refused by name.
    // Method: each in turn, outside of users.
    MetricRun run;
    const auto orders = counter("orders");
    const auto stock = gauge("stock");
    const auto basket = trend("basket");
    CHECK_THROWS_WITH_AS(
        orders.add(-1), "counter \"orders\": -1 is negative", std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        stock.set(INFINITY), "gauge \"stock\": inf is no number", std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        basket.add(-2.0), "trend \"basket\": -2 is negative", std::invalid_argument);
}

TEST_CASE("metrics are told in a run only") {
    // Goal: at namespace scope there is nowhere to count.
    // Method: no recorder.
    TestRun run;
    CHECK_THROWS_WITH_AS(check("x", true),
                         "check \"x\" can be told a value in tasks and listeners only, while the "
                         "program runs a test",
                         std::logic_error);
}

TEST_CASE("metrics and thresholds are checked when the test is loaded") {
    // Goal: each mistake is a line with its place; nothing throws before that.
    // Method: mistakes; the lines without their places.
    TestRun run;
    users<Shopper>().task("buy", [] {});
    (void)counter("orders");
    (void)counter("orders");
    (void)gauge("orders");
    (void)trend("a{b}");
    (void)rate("");
    (void)rate("checks");
    thresholds({"p95 < 200ms", "p95 < 200", "orders: count > 1"});
    thresholds(std::vector<std::string>{"orders: p95 < 1"}, {.abort_on_fail = true});
    thresholds({"count > 1"}, {.warm_up = -1s});
    Lines lines = registry().check();
    for (std::string& line : lines) {
        const std::size_t end = line.find(": ");
        CHECK(line.substr(0, end).find("metrics_test.cpp:") != std::string::npos);
        line.erase(0, end + 2);
    }
    CHECK(lines.size() == 7);
    CHECK(lines[0].starts_with("gauge(\"orders\"): there is a counter of that name at "));
    CHECK(lines[1] == "trend(\"a{b}\"): braces are for tags and cannot be in a name");
    CHECK(lines[2] == "rate(\"\"): the name is empty");
    CHECK(lines[3] == "rate(\"checks\"): that is how thresholds call checks and limits");
    CHECK(lines[4] == "threshold \"p95 < 200\": p95 is a time, so it needs a unit: p95 < 200ms");
    CHECK(lines[5] ==
          "threshold \"orders: p95 < 1\": orders is a counter, which has rps, count, but no p95");
    CHECK(lines[6] == "threshold \"count > 1\": .warm_up is negative");
}

TEST_CASE("nothing is declared once the test runs") {
    // Goal: as for users<T>().
    // Method: a sealed registry.
    TestRun run;
    registry().seal();
    CHECK_THROWS_AS((void)counter("late"), std::logic_error);
    CHECK_THROWS_AS(thresholds({"p95 < 1s"}), std::logic_error);
}

}  // namespace
}  // namespace cicada::user
