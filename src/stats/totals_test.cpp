// SPDX-License-Identifier: Apache-2.0
#include "stats/totals.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "stats/recorder.hpp"

namespace cicada::stats {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr base::TimePoint kSteady{1'000s};
const base::WallTime kStart{1'700'000'000s};

// An engine and what merges its deltas, a second at a time.
struct Bench {
    Recorder recorder{{kSteady, kStart}};
    Totals totals{kStart};
    nanoseconds now{};

    void request(std::string_view name, nanoseconds time = 10ms, bool failed = false) {
        recorder.record("GET",
                        name,
                        {.completed = kSteady + now,
                         .response_time = time,
                         .bytes = 100,
                         .failed = failed,
                         .error = failed ? "boom" : ""});
    }
    void next_second() {
        now += 1s;
        totals.merge(recorder.take(kSteady + now));
    }
    [[nodiscard]] const Entry& entry(std::string_view name) const {
        for (const auto& entry : totals.entries()) {
            if (entry->name() == name) return *entry;  // totals keeps it alive
        }
        FAIL("no entry");
        return totals.total();
    }
};

TEST_CASE("totals add up deltas, per entry and over all") {
    // Goal: counts, ratios, extremes and means of an entry and of the total row.
    Bench bench;
    bench.request("/b", 10ms);
    bench.request("/b", 30ms, true);
    bench.next_second();
    bench.request("/a", 20ms);
    bench.request("/b", 20ms);
    bench.next_second();
    CHECK(bench.totals.entries().size() == 2);
    CHECK(bench.totals.entries().front()->name() == "/a");
    const Entry& entry = bench.entry("/b");
    CHECK(entry.counts.requests == 3);
    CHECK(entry.fail_ratio() == doctest::Approx(1.0 / 3));
    CHECK(entry.average() == 20ms);
    CHECK(entry.min() == 10ms);
    CHECK(entry.max() == 30ms);
    CHECK(entry.average_bytes() == 100);
    const Entry& total = bench.totals.total();
    CHECK(total.method().empty());
    CHECK(total.name() == "Aggregated");
    CHECK(total.counts.requests == 4);
    CHECK(total.counts.failures == 1);
    REQUIRE(bench.totals.errors().size() == 1);
    CHECK(bench.totals.errors().front()->text == "boom");
}

TEST_CASE("a fail ratio is 1 for failures without requests and 0 for nothing") {
    // Goal: Locust's rule for the empty entry.
    CHECK(Entry().fail_ratio() == 0);
    CHECK(Entry{.counts = {.failures = 1}}.fail_ratio() == 1);
}

TEST_CASE(
    "current rates are the mean of the ten seconds that ended three before the last request") {
    // Goal: Locust's window [L-12, L-3], L of the total. Method: second s has s requests on "/",
    // while "/idle" has some in second 1 only.
    Bench bench;
    for (int second = 0; second <= 20; ++second) {
        for (int i = 0; i < second; ++i) bench.request("/", 1ms, i == 0);
        if (second == 1) bench.request("/idle");
        bench.next_second();
    }
    // L = 20: seconds 8 to 17.
    CHECK(bench.totals.current_rates(bench.totals.total()).requests_per_s == doctest::Approx(12.5));
    CHECK(bench.totals.current_rates(bench.totals.total()).failures_per_s == doctest::Approx(1));
    CHECK(bench.totals.current_rates(bench.entry("/idle")).requests_per_s == 0);
}

TEST_CASE("the window of current rates does not begin before the test") {
    // Goal: after 5 s the mean is over the seconds there were. Method: 10 requests a second.
    Bench bench;
    CHECK(bench.totals.current_rates(bench.totals.total()).requests_per_s == 0);
    for (int second = 0; second < 6; ++second) {
        for (int i = 0; i < 10; ++i) bench.request("/");
        bench.next_second();
        const double rate = bench.totals.current_rates(bench.totals.total()).requests_per_s;
        CHECK(rate == doctest::Approx(second < 3 ? 0 : 10));
    }
}

TEST_CASE("total rates are over the time from the start to the last request of all") {
    // Goal: an entry's rate counts the whole test's time.
    Bench bench;
    bench.request("/early");
    bench.now = 4s;
    bench.request("/late", 1ms, true);
    bench.request("/late");
    bench.next_second();
    CHECK(bench.totals.total_rates(bench.entry("/early")).requests_per_s == doctest::Approx(0.25));
    CHECK(bench.totals.total_rates(bench.totals.total()).requests_per_s == doctest::Approx(0.75));
    CHECK(bench.totals.total_rates(bench.totals.total()).failures_per_s == doctest::Approx(0.25));
    CHECK(Totals(kStart).total_rates(bench.totals.total()).requests_per_s == 0);
}

TEST_CASE("current percentiles speak of the last ten seconds") {
    // Goal: what is older is forgotten; silence gives nothing.
    Bench bench;
    for (int second = 0; second < 30; ++second) {
        bench.request("/", second < 15 ? 1s : 2ms);
        bench.next_second();
    }
    const auto median = [&] {
        return bench.totals.total().current_percentile(0.5, kStart + bench.now);
    };
    REQUIRE(median().has_value());
    CHECK(*median() == 2ms);
    CHECK(bench.totals.total().recent.size() == 20);
    CHECK(bench.totals.total().percentile(0.99) == 1s);
    for (int second = 0; second < 9; ++second) bench.next_second();
    CHECK(median().has_value());
    bench.next_second();
    CHECK_FALSE(median().has_value());
}

TEST_CASE("a copy of totals does not change when the original goes on") {
    // Goal: a snapshot is a value, though entries are shared. Method: copy, merge, compare; entries
    // that were not touched stay the same objects.
    Bench bench;
    bench.request("/a");
    bench.request("/b", 1ms, true);
    bench.next_second();
    const Totals snapshot = bench.totals;
    bench.request("/a");
    bench.request("/a", 1ms, true);
    bench.next_second();
    CHECK(snapshot.total().counts.requests == 2);
    CHECK(snapshot.entries()[0]->counts.requests == 1);
    CHECK(bench.totals.entries()[0]->counts.requests == 3);
    CHECK(snapshot.entries()[0] != bench.totals.entries()[0]);
    CHECK(snapshot.entries()[1] == bench.totals.entries()[1]);
    CHECK(snapshot.errors().size() == 1);
    CHECK(bench.totals.errors().size() == 2);
    CHECK(snapshot.errors()[0] == bench.totals.errors()[0]);

    // A copy may go on by itself, too.
    Totals other = snapshot;
    Recorder recorder{{kSteady, kStart}};
    recorder.record("GET", "/a", {.completed = kSteady});
    other.merge(recorder.take(kSteady));
    CHECK(other.entries()[0]->counts.requests == 2);
    CHECK(snapshot.entries()[0]->counts.requests == 1);
}

TEST_CASE("a reset zeroes the rows and keeps them") {
    // Goal: Locust's reset: rows stay, errors and exceptions go, rates begin anew.
    Bench bench;
    bench.request("/a", 1ms, true);
    bench.recorder.record_exception("int", "", "U.task");
    bench.next_second();
    const Totals before = bench.totals;
    bench.totals.reset(kStart + 10s);
    REQUIRE(bench.totals.entries().size() == 1);
    CHECK(bench.totals.entries()[0]->name() == "/a");
    CHECK(bench.totals.entries()[0]->counts.requests == 0);
    CHECK(bench.totals.total().response_times.empty());
    CHECK(bench.totals.errors().empty());
    CHECK(bench.totals.exceptions().empty());
    CHECK(bench.totals.start() == kStart + 10s);
    CHECK(before.total().counts.requests == 1);
    bench.now = 12s;
    bench.request("/a");
    bench.next_second();
    CHECK(bench.totals.entries().size() == 1);
    CHECK(bench.totals.total_rates(bench.totals.total()).requests_per_s == doctest::Approx(0.5));
}

TEST_CASE("deltas of many engines cannot exceed the caps together") {
    // Goal: memory is bounded by Totals' own caps, counts are complete. Method: more names, errors
    // and exceptions than there may be, from recorders without a cap.
    Totals totals(kStart);
    const std::size_t names = Totals::kMostNames + 500;
    Recorder recorder{
        {kSteady, kStart},
        {.most_names = 1'000'000, .most_error_texts = 1'000'000, .most_exceptions = 1'000'000}};
    for (std::size_t i = 0; i < names; ++i) {
        const std::string name = fmt::format("/{}", i);
        recorder.record("GET", name, {.completed = kSteady, .failed = true, .error = "a"});
        recorder.record("GET", name, {.completed = kSteady, .failed = true, .error = "b"});
        if (i < 1'200) recorder.record_exception("int", name, "U.task");
    }
    totals.merge(recorder.take(kSteady));
    CHECK(totals.entries().size() == Totals::kMostNames + 1);
    CHECK(totals.total().counts.requests == 2 * names);
    CHECK(totals.errors().size() == Totals::kMostErrors + 1);
    std::uint64_t occurrences = 0;
    for (const auto& error : totals.errors()) occurrences += error->occurrences;
    CHECK(occurrences == 2 * names);
    CHECK(totals.exceptions().size() == Totals::kMostExceptions + 1);
    CHECK(totals.exceptions().back().count == 200);
    CHECK(totals.warnings().size() == 3);
}

TEST_CASE("the history is thinned out, not cut off, when it is full") {
    // Goal: a run of any length keeps a chart from its beginning, in bounded memory.
    Totals totals(kStart);
    for (std::size_t i = 0; i < 3 * Totals::kMostHistory; ++i) {
        totals.sample_history(kStart + seconds(5 * i), static_cast<std::int64_t>(i));
    }
    CHECK(totals.history().size() <= Totals::kMostHistory);
    CHECK(totals.history().size() >= Totals::kMostHistory / 2);
    CHECK(totals.history().front().time == kStart);
    CHECK(totals.history().back().user_count == 3 * Totals::kMostHistory - 1);
}

TEST_CASE("the generator's figures and warnings") {
    // Goal: named limits, each with its sentence. Method: feed below and above each limit.
    const auto run_with = [](nanoseconds busy, nanoseconds share) {
        Bench bench;
        for (int second = 0; second < 20; ++second) {
            bench.recorder.record_busy(kSteady + bench.now, busy, 1s);
            bench.recorder.record(
                "GET",
                "/",
                {.completed = kSteady + bench.now, .response_time = 1ms, .generator_share = share});
            bench.next_second();
        }
        return bench.totals;
    };
    const Totals fine = run_with(800ms, 60us);
    CHECK(fine.verdict().grade == Grade::Valid);
    CHECK(fine.verdict().reasons.empty());
    CHECK(fine.generator().busy_mean == doctest::Approx(0.8));
    CHECK(fine.generator().busy_last == doctest::Approx(0.8));
    CHECK(fine.generator().share_p99 == 60us);

    Bench brief;  // less than a second
    brief.recorder.record_busy(kSteady + brief.now, 80ms, 100ms);
    brief.next_second();
    CHECK(brief.totals.generator().busy_mean == doctest::Approx(0.8));
    CHECK(brief.totals.generator().busy_max == doctest::Approx(0.8));
    CHECK(fine.generator().share_of_response_time == doctest::Approx(0.06));

    const Totals spoilt = run_with(990ms, 250us);
    CHECK(spoilt.verdict().grade == Grade::Invalid);
    REQUIRE(spoilt.verdict().reasons.size() == 2);
    CHECK(spoilt.verdict().reasons[0].text ==
          "the generator was more than 90% busy in 20 of 20 s: response times include waiting for "
          "it, and the load may be lower than asked for; spread it over more processes");
    CHECK(spoilt.verdict().reasons[1].grade == Grade::Suspect);
    CHECK(spoilt.verdict().reasons[1].text ==
          "half of the requests spent more than 0.25 ms in the generator itself; the median "
          "response time is 1.00 ms");
}

TEST_CASE("a series of seconds forgets what is older than an hour and copies cheaply") {
    // Goal: bounded memory, correct sums, late additions find their place.
    SecondSeries series;
    for (std::int64_t second = 0; second < 10'000; ++second) {
        series.add({.second = second, .requests = 2, .failures = 1});
    }
    const SecondSeries copy = series;
    series.add({.second = 9'900, .requests = 5});
    CHECK(copy.at(9'900).requests == 2);
    CHECK(series.at(9'900).requests == 7);
    CHECK(series.at(9'900).failures == 1);
    CHECK(series.at(0).requests == 0);
    CHECK(series.at(10'001).requests == 0);
    CHECK(series.all().size() >= 3'600);
    CHECK(series.all().size() <= 3'600 + 2 * 64);
    CHECK(series.all().back().second == 9'999);
}

}  // namespace
}  // namespace cicada::stats
