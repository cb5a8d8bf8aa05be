// SPDX-License-Identifier: Apache-2.0
#include "stats/verdict.hpp"

#include <doctest/doctest.h>

#include "stats/recorder.hpp"
#include "stats/totals.hpp"

namespace cicada::stats {
namespace {

using namespace std::chrono_literals;

/// 100 requests of 10 ms in 100 s, each second as busy as said.
struct Spoiling {
    int busy_seconds = 0;
    nanoseconds share_of_all = 5us;
    nanoseconds share_of_slowest = 5us;  ///< of two in a hundred
    MachineUse machine{};
    Shortages shortages{};
};

Verdict verdict_of(const Spoiling& spoiling) {
    Recorder recorder({base::TimePoint{}, base::WallTime{}});
    for (int second = 0; second < 100; ++second) {
        const base::TimePoint now{1s * second};
        recorder.record_busy(now, second < spoiling.busy_seconds ? 950ms : 300ms, 1s);
        recorder.record("GET",
                        "/",
                        {.completed = now,
                         .response_time = 10ms,
                         .generator_share =
                             second % 50 == 0 ? spoiling.share_of_slowest : spoiling.share_of_all});
    }
    recorder.record_shortages(spoiling.shortages);
    Totals totals(base::WallTime{});
    totals.merge(recorder.take(base::TimePoint{100s}));
    totals.add(spoiling.machine);
    return totals.verdict();
}

std::string_view grade(const Spoiling& spoiling) {
    return name_of(verdict_of(spoiling).grade);
}

TEST_CASE("each thing that spoils figures has two bounds") {
    // Goal: the numbers that the guide gives, from both sides.
    // Method: a run with one spoiling at a time, at its bound and beyond.
    CHECK(grade({}) == "VALID");

    CHECK(grade({.busy_seconds = 5}) == "VALID");
    CHECK(grade({.busy_seconds = 6}) == "SUSPECT");
    CHECK(grade({.busy_seconds = 50}) == "SUSPECT");
    CHECK(grade({.busy_seconds = 51}) == "INVALID");

    CHECK(grade({.share_of_all = 990us}) == "VALID");
    CHECK(grade({.share_of_all = 1100us}) == "SUSPECT");
    CHECK(grade({.share_of_all = 5500us}) == "INVALID");
    CHECK(grade({.share_of_slowest = 990us}) == "VALID");
    CHECK(grade({.share_of_slowest = 9ms}) == "SUSPECT");

    CHECK(grade({.machine = {.held = 600ms, .longest_hold = 600ms}}) == "SUSPECT");
    CHECK(grade({.machine = {.held = 11s, .longest_hold = 2s}}) == "INVALID");

    CHECK(grade({.machine = {.cpu = 100s, .stolen = 5s}}) == "VALID");
    CHECK(grade({.machine = {.cpu = 100s, .stolen = 6s}}) == "SUSPECT");
    CHECK(grade({.machine = {.cpu = 100s, .stolen = 21s}}) == "INVALID");

    CHECK(grade({.machine = {.quota_periods = 9, .throttled_periods = 9}}) == "VALID");
    CHECK(grade({.machine = {.quota_periods = 100, .throttled_periods = 5}}) == "VALID");
    CHECK(grade({.machine = {.quota_periods = 100, .throttled_periods = 6}}) == "SUSPECT");
    CHECK(grade({.machine = {.quota_periods = 100, .throttled_periods = 26}}) == "INVALID");

    CHECK(grade({.shortages = {.descriptors = 1}}) == "SUSPECT");
    CHECK(grade({.shortages = {.descriptors = 2}}) == "INVALID");
    CHECK(grade({.shortages = {.ports = 1}}) == "SUSPECT");
    CHECK(grade({.shortages = {.ports = 40}}) == "INVALID");
}

TEST_CASE("a server that nobody reached was not measured") {
    // Goal: the times of refused connections are no server's; but whoever answers 503, does not
    // answer in time or fails without a wire, as one of several calls of measure() may, is
    // measured. Method: two requests that fail, on the wire or not.
    const auto reasons = [](bool first_fails, bool second_was_sent) {
        Recorder recorder({base::TimePoint{}, base::WallTime{}});
        const Exchanges unsent{.sent = false};
        recorder.record("GET", "/", {.failed = first_fails, .exchanges = unsent});
        recorder.record(
            "GET", "/", {.failed = true, .exchanges = second_was_sent ? Exchanges{} : unsent});
        Totals totals(base::WallTime{});
        totals.merge(recorder.take(base::TimePoint{1s}));
        return totals.verdict().reasons;
    };
    CHECK(reasons(true, true).empty());
    CHECK(reasons(false, false).empty());
    REQUIRE(reasons(true, false).size() == 1);
    CHECK(reasons(true, false)[0].grade == Grade::Invalid);
    CHECK(reasons(true, false)[0].text ==
          "no request was answered: all 2 failed, and none is known to have reached a server; see "
          "their errors");
}

TEST_CASE("a share of microseconds does no harm, however fast the server") {
    // Goal: below 100 us at the median and 500 us at the p99 nothing is said.
    // Method: a server that takes 300 us, and a generator that takes a third of it.
    const auto grade_of = [](nanoseconds share) {
        Recorder recorder({base::TimePoint{}, base::WallTime{}});
        recorder.record("GET", "/", {.response_time = 300us, .generator_share = share});
        Totals totals(base::WallTime{});
        totals.merge(recorder.take(base::TimePoint{}));
        return name_of(totals.verdict().grade);
    };
    CHECK(grade_of(100us) == "VALID");
    CHECK(grade_of(105us) == "SUSPECT");
    CHECK(grade({.share_of_slowest = 490us}) == "VALID");
}

TEST_CASE("one busy second is none, unless it is the whole run") {
    // Goal: the second in which a ramp begins does not make a short run suspect.
    // Method: three seconds with one busy, then one alone.
    for (const int seconds : {3, 1}) {
        Totals totals(base::WallTime{});
        Recorder recorder({base::TimePoint{}, base::WallTime{}});
        for (int second = 0; second < seconds; ++second) {
            recorder.record_busy(base::TimePoint{}, second == 0 ? 1s : 100ms, 1s);
        }
        totals.merge(recorder.take(base::TimePoint{}));
        CHECK(name_of(totals.verdict().grade) == (seconds == 1 ? "INVALID" : "VALID"));
    }
}

TEST_CASE("the reasons are sentences with numbers, the worst first") {
    // Goal: a person can act on them.
    // Method: several spoilings at once.
    const Verdict verdict = verdict_of({.machine = {.cpu = 100s,
                                                    .stolen = 10s,
                                                    .quota_periods = 100,
                                                    .throttled_periods = 40,
                                                    .held = 3s,
                                                    .longest_hold = 900ms},
                                        .shortages = {.descriptors = 1, .ports = 30}});
    CHECK(verdict.grade == Grade::Invalid);
    std::string text = "\n";
    for (const Reason& reason : verdict.reasons) {
        text += std::string(name_of(reason.grade)) + " " + reason.text + "\n";
    }
    CHECK(text == R"(
INVALID the CPU quota of the generator's cgroup stopped it in 40% of the periods (40 of 100): raise the quota, or make less load
INVALID 30 connections could not be made because the generator ran out of local ports: widen net.ipv4.ip_local_port_range, give the target several addresses, or use fewer users
SUSPECT one task held the engine for 0.9 s, 3.0 s in all: every other user waited, and their response times include it
SUSPECT 10% of the CPU time was taken by other virtual machines (steal)
SUSPECT 1 connection could not be made because the generator ran out of open files: raise ulimit -n, or use fewer users
)");
}

TEST_CASE("a reset forgets what the machine did") {
    // Goal: --reset-stats begins anew here too.
    // Method: spoil, reset, ask.
    Totals totals(base::WallTime{});
    totals.add({.cpu = 10s, .stolen = 9s});
    CHECK(totals.verdict().grade == Grade::Invalid);
    const Totals copy = totals;
    totals.reset(base::WallTime{});
    CHECK(totals.verdict().grade == Grade::Valid);
    CHECK(copy.verdict().grade == Grade::Invalid);
}

}  // namespace
}  // namespace cicada::stats
