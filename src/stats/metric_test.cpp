// SPDX-License-Identifier: Apache-2.0
#include "stats/metric.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "stats/recorder.hpp"
#include "stats/totals.hpp"

namespace cicada::stats {
namespace {

using namespace std::chrono_literals;

const base::WallTime kStart{1'700'000'000s};

struct Recording {
    Recorder recorder{{base::TimePoint{}, kStart}};
    MetricRecorder& metrics = recorder.metrics();
    Totals totals{kStart};

    void hand_over() { totals.merge(recorder.take(base::TimePoint{1s})); }

    const MetricValues& values(MetricKind kind,
                               std::string name,
                               std::string tags = "",
                               MetricUnit unit = MetricUnit::Number) {
        const Metric* const found =
            totals.metrics().find({kind, unit, std::move(name), std::move(tags)});
        REQUIRE(found != nullptr);
        return found->values;
    }
};

TEST_CASE("each kind of metric adds up over deltas") {
    // Goal: counter, gauge, rate, trend and check say the same whether handed over once or often.
    // Method: two deltas; sums by hand.
    Recording run;
    for (const double part : {1.0, 2.0}) {
        run.metrics.add(run.metrics.series(MetricKind::Counter, "orders"), 2 * part);
        run.metrics.set(run.metrics.series(MetricKind::Gauge, "stock"), 10 - part, kStart + 1s);
        run.metrics.tell(run.metrics.series(MetricKind::Rate, "hits"), part == 1);
        run.metrics.tell(run.metrics.series(MetricKind::Check, "logged in"), true);
        const auto render = run.metrics.series(MetricKind::Trend, "render", {}, MetricUnit::Time);
        run.metrics.observe(render, 10ms * static_cast<int>(part));
        run.metrics.observe(run.metrics.series(MetricKind::Trend, "basket"), 2.5 * part);
        run.hand_over();
    }
    CHECK(run.values(MetricKind::Counter, "orders").sum == 6);
    CHECK(run.values(MetricKind::Counter, "orders").count == 2);
    const MetricValues& stock = run.values(MetricKind::Gauge, "stock");
    CHECK(stock.last == 8);
    CHECK(stock.lowest == 8);
    CHECK(stock.highest == 9);
    CHECK(run.values(MetricKind::Rate, "hits").ratio() == 0.5);
    CHECK(run.values(MetricKind::Check, "logged in").failed() == 0);
    const auto& render = run.values(MetricKind::Trend, "render", "", MetricUnit::Time);
    CHECK(render.distribution.count() == 2);
    CHECK(render.distribution.max() == 20ms);
    CHECK(trend_number(run.values(MetricKind::Trend, "basket").distribution.max()) == 5);
}

TEST_CASE("a gauge's last value is the one set last, whatever delta arrives last") {
    // Goal: deltas of several nodes merge in any order.
    // Method: the later setting is merged first.
    MetricValues later{.count = 1, .last = 7, .lowest = 7, .highest = 7, .last_set = kStart + 9s};
    later.merge({.count = 1, .last = -3, .lowest = -3, .highest = -3, .last_set = kStart + 2s});
    CHECK(later.last == 7);
    CHECK(later.lowest == -3);
    CHECK(later.highest == 7);
}

TEST_CASE("values with tags count for their series and for the whole metric") {
    // Goal: series by tags, in any order of the tags; their sum is the row without tags.
    // Method: two regions, the tags turned around once, and separators within a value.
    Recording run;
    const MetricTag region{"region", "eu"};
    const MetricTag page{"page", "a=b,{c}"};
    const auto add = [&](std::vector<MetricTag> tags, double amount) {
        run.metrics.add(run.metrics.series(MetricKind::Counter, "orders", tags), amount);
    };
    add({region, page}, 1);
    add({page, region}, 2);
    add({{"region", "us"}}, 4);
    add({}, 8);
    run.hand_over();
    CHECK(run.values(MetricKind::Counter, "orders").sum == 15);
    CHECK(run.values(MetricKind::Counter, "orders", "page=a_b__c_,region=eu").sum == 3);
    CHECK(run.values(MetricKind::Counter, "orders", "region=us").sum == 4);
    CHECK(run.totals.metrics().all().front()->key->text() == "orders");
    CHECK(run.totals.metrics().all().back()->key->text() == "orders{region=us}");
}

TEST_CASE("one name may be a counter, a check and two trends without mixing") {
    // Goal: kind and unit are part of what a series is.
    // Method: the same name four times.
    Recording run;
    run.metrics.add(run.metrics.series(MetricKind::Counter, "x"), 1);
    run.metrics.tell(run.metrics.series(MetricKind::Check, "x"), false);
    run.metrics.observe(run.metrics.series(MetricKind::Trend, "x"), 1.0);
    run.metrics.observe(run.metrics.series(MetricKind::Trend, "x", {}, MetricUnit::Time), 1ms);
    run.hand_over();
    CHECK(run.totals.metrics().all().size() == 4);
}

TEST_CASE("too many tags or names cost their names, never their counts") {
    // Goal: a test that tags with an id neither fills the memory nor loses a value.
    // Method: twice as many tags as there may be, then new names; one warning.
    Recording run;
    constexpr int kTags = 2 * static_cast<int>(MetricRecorder::kMostSeries);
    for (int id = 0; id < kTags; ++id) {
        const std::string value = std::to_string(id);
        const MetricTag tag{"id", value};
        run.metrics.add(run.metrics.series(MetricKind::Counter, "orders", {&tag, 1}), 1);
    }
    for (const char* name : {"late", "later"}) {
        run.metrics.add(run.metrics.series(MetricKind::Counter, name), 1);
    }
    run.hand_over();
    CHECK(run.values(MetricKind::Counter, "orders").sum == kTags);
    CHECK(run.values(MetricKind::Counter, "(other)").sum == 2);
    CHECK(run.totals.metrics().all().size() == MetricRecorder::kMostSeries + 1);
    REQUIRE(run.totals.warnings().size() == 1);
    CHECK(run.totals.warnings()[0] ==
          "more than 2000 different metrics, checks and their tags: further tags are not told "
          "apart, and further names are counted together as \"(other)\"");
}

TEST_CASE("a copy of the totals does not change when more is merged") {
    // Goal: a snapshot's metrics stand still; a reset leaves rows with zeroes.
    // Method: copy, merge, compare.
    Recording run;
    run.metrics.add(run.metrics.series(MetricKind::Counter, "orders"), 1);
    run.hand_over();
    const Totals before = run.totals;
    run.metrics.add(run.metrics.series(MetricKind::Counter, "orders"), 1);
    run.hand_over();
    CHECK(before.metrics().all().front()->values.sum == 1);
    CHECK(run.totals.metrics().all().front()->values.sum == 2);
    run.totals.reset(kStart + 5s);
    CHECK(run.totals.metrics().all().front()->values.count == 0);
}

TEST_CASE("numbers in a trend keep 0.4 percent") {
    // Goal: the claim at trend_step(), from 0.001 to 3.6e9.
    // Method: random numbers over the whole range, each alone in a histogram; then beyond it.
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> power(-3, 9.5);
    for (int i = 0; i < 2'000; ++i) {
        const double number = std::pow(10, power(random));
        Histogram histogram;
        histogram.record(trend_step(number));
        const double found = trend_number(histogram.percentile(0.5));
        CHECK(std::abs(found - number) <= std::max(0.001, 0.004 * number));
    }
    CHECK(trend_step(-1) == 0ns);
    CHECK(trend_step(1e300) == Histogram::kHighest);
}

TEST_CASE("deltas that could not be delivered merge their metrics") {
    // Goal: a full queue costs no value.
    // Method: two deltas of one recorder, merged before the totals see them.
    Recording run;
    run.metrics.add(run.metrics.series(MetricKind::Counter, "orders"), 1);
    Delta first = run.recorder.take(base::TimePoint{1s});
    CHECK_FALSE(first.empty());
    run.metrics.add(run.metrics.series(MetricKind::Counter, "orders"), 2);
    first.merge(run.recorder.take(base::TimePoint{2s}));
    CHECK(first.metrics.size() == 1);
    run.totals.merge(std::move(first));
    CHECK(run.values(MetricKind::Counter, "orders").sum == 3);
}

}  // namespace
}  // namespace cicada::stats
