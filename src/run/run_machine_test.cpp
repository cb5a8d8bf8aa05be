// SPDX-License-Identifier: Apache-2.0
#include "run/run_machine.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "run/test_machine.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

stats::Delta one_request() {
    stats::Recorder recorder({base::TimePoint(1h), base::WallTime(1'000'000s)});
    recorder.record("GET", "/", {.completed = base::TimePoint(1h), .response_time = 1ms});
    return recorder.take(base::TimePoint(1h));
}

TEST_CASE("a run goes from ready through spawning and running to stopped") {
    // Goal: states, engine calls and counts of the plain case.
    // Method: five users at two a second, then a stop.
    Rig rig;
    CHECK(rig.machine.snapshot(rig.now).state == State::Ready);
    REQUIRE(rig.machine.start({.users = 5, .spawn_rate = 2, .host = "http://a"}, rig.now));
    CHECK(rig.machine.state() == State::Spawning);
    rig.run_until(0s);
    CHECK(rig.take_calls() == Calls{"begin http://a", "+2-0"});
    rig.run_until(1999ms);
    CHECK(rig.take_calls() == Calls{"+2-0"});
    rig.run_until(2s);
    CHECK(rig.take_calls() == Calls{"+1-0", "spawned 5"});
    CHECK(rig.machine.state() == State::Running);
    const Snapshot snapshot = rig.machine.snapshot(rig.now);
    CHECK(snapshot.user_count == 5);
    CHECK(snapshot.target_user_count == 5);
    CHECK(snapshot.user_class_counts.at("A") == 5);
    CHECK(snapshot.elapsed == 2s);
    CHECK(snapshot.host == "http://a");
    CHECK(rig.engine.news.target_user_count == 5);
    rig.machine.stop(rig.now);
    CHECK(rig.machine.state() == State::Cleanup);
    rig.run_until(3s);
    CHECK(rig.machine.state() == State::Stopped);
    CHECK(rig.take_calls() == Calls{"end"});
    CHECK(rig.machine.snapshot(rig.now).target_user_count == 0);
}

TEST_CASE("a step waits for the one before it") {
    // Goal: an engine that cannot keep up is not flooded, and the pause is shortened, not added.
    // Method: the engine reports its first step after 1.5 s instead of within the pause of 1 s.
    Rig rig;
    REQUIRE(rig.machine.start({.users = 20, .spawn_rate = 10}, rig.now));
    rig.deliver_once();
    CHECK(rig.take_calls() == Calls{"begin ", "+10-0"});
    rig.move_to(base::TimePoint(1h) + 1500ms);
    rig.machine.on_time(rig.now);
    CHECK(rig.take_calls().empty());
    rig.deliver_once();
    CHECK(rig.take_calls() == Calls{"+10-0"});
}

TEST_CASE("the run time counts from the start, and a stop cancels its timer") {
    // Goal: -t holds in sum; a test stopped by hand and started again is not ended by the old
    // timer. Method: start with 10 s, stop at 4 s, start without a limit, look at 60 s.
    Rig rig;
    REQUIRE(rig.machine.start({.users = 1, .run_time = 10s}, rig.now));
    rig.run_until(4s);
    rig.machine.stop(rig.now);
    rig.run_until(5s);
    REQUIRE(rig.machine.start({.users = 1}, rig.now));
    rig.run_until(60s);
    CHECK(rig.machine.state() == State::Running);
    CHECK(rig.machine.snapshot(rig.now).run_time == 0s);

    Rig other;
    REQUIRE(other.machine.start({.users = 1000, .spawn_rate = 1, .run_time = 10s}, other.now));
    other.run_until(9999ms);
    CHECK(other.machine.state() == State::Spawning);
    other.run_until(10s);
    CHECK(other.machine.state() == State::Stopped);
    CHECK(other.machine.snapshot(other.now).elapsed == 10s);
}

TEST_CASE("a test whose limits are reached is complete, also while users are to come") {
    // Goal: nobody alive and nothing left for anybody end the test; one of the two does not.
    // Method: a ramp of 1,000 users at 1/s, and what the engine would report.
    Rig rig({.quit_after_test = 0s});
    REQUIRE(rig.machine.start({.users = 1000, .spawn_rate = 1}, rig.now));
    rig.run_until(3s);
    rig.engine.report.nothing_left = true;
    rig.run_until(4s);
    CHECK(rig.machine.state() == State::Spawning);  // somebody is still at work
    rig.engine.report.nothing_left = false;
    rig.engine.report.user_count = 0;
    rig.run_until(4500ms);
    CHECK(rig.machine.state() == State::Spawning);  // others are to come
    rig.engine.report.nothing_left = true;
    rig.run_until(4600ms);
    CHECK(rig.machine.state() == State::Stopped);
    CHECK(rig.machine.finished());
}

TEST_CASE("a new test is not ended by what is known of the last one") {
    // Goal: limits are whole again, though the engine has not said so yet.
    // Method: the last report of a test that its limits ended is the first that the next one sees.
    Rig rig;
    REQUIRE(rig.machine.start({.users = 1}, rig.now));
    rig.run_until(1s);
    rig.engine.report.user_count = 0;
    rig.engine.report.nothing_left = true;
    rig.engine.report.limits = {{"A.task", user::LimitKind::Executions, 5, 5, 0}};
    const EngineReport last = rig.engine.report;
    rig.run_until(2s);
    REQUIRE(rig.machine.state() == State::Stopped);
    CHECK(rig.machine.snapshot(rig.now).limits.size() == 1);
    REQUIRE(rig.machine.start({.users = 1}, rig.now));
    EngineReport late = last;
    late.tests_ended = 1;
    rig.machine.on_report(std::move(late), rig.now);
    CHECK(rig.machine.state() == State::Spawning);
    CHECK(rig.machine.snapshot(rig.now).limits.empty());
}

TEST_CASE("progress is that of the limits when they come before the run time") {
    // Goal: the nearer end, with the time left as it has gone so far.
    // Method: a tenth of the run time, then limits of a quarter, then of nearly nothing.
    Rig rig;
    REQUIRE(rig.machine.start({.users = 1, .run_time = 100s}, rig.now));
    rig.run_until(10s);
    const auto timed = rig.machine.snapshot(rig.now).progress.value();
    CHECK(timed.part == doctest::Approx(0.1));
    CHECK(timed.time_left == 90s);
    CHECK_FALSE(timed.by_limits);
    rig.engine.report.limits_part_done = 0.25;
    rig.deliver();
    const auto limited = rig.machine.snapshot(rig.now).progress.value();
    CHECK(limited.by_limits);
    CHECK(limited.part == 0.25);
    CHECK(limited.time_left == 30s);
    rig.engine.report.limits_part_done = 0.01;
    rig.deliver();
    CHECK_FALSE(rig.machine.snapshot(rig.now).progress.value().by_limits);

    Rig endless;
    REQUIRE(endless.machine.start({.users = 1}, endless.now));
    endless.run_until(500ms);
    endless.engine.report.limits_part_done = 0.1;
    endless.deliver();
    CHECK_FALSE(endless.machine.snapshot(endless.now).progress.value().time_left);
    endless.engine.report.limits_part_done.reset();
    endless.run_until(10s);
    CHECK_FALSE(endless.machine.snapshot(endless.now).progress);
}

TEST_CASE("a headless program ends when its test does, a web program does not") {
    // Goal: --headless, --autostart and --autoquit differ in one number.
    // Method: the same run time with each.
    Rig headless({.quit_after_test = 0s});
    REQUIRE(headless.machine.start({.users = 1, .run_time = 2s}, headless.now));
    headless.run_until(2s);
    CHECK(headless.machine.finished());

    Rig web;
    REQUIRE(web.machine.start({.users = 1, .run_time = 2s}, web.now));
    web.run_until(1000s);
    CHECK(web.machine.state() == State::Stopped);
    CHECK_FALSE(web.machine.finished());

    Rig autoquit({.quit_after_test = 5s});
    REQUIRE(autoquit.machine.start({.users = 1, .run_time = 2s}, autoquit.now));
    autoquit.run_until(6999ms);
    CHECK_FALSE(autoquit.machine.finished());
    autoquit.run_until(7s);
    CHECK(autoquit.machine.finished());
}

TEST_CASE("a start while the test runs changes the number of users") {
    // Goal: no new test, no clearing; the ramp goes up or down from where it is.
    // Method: 4 users, then 1, then 3.
    Rig rig;
    REQUIRE(rig.machine.start({.users = 4, .spawn_rate = 10}, rig.now));
    rig.run_until(1s);
    REQUIRE(rig.machine.start({.users = 1, .spawn_rate = 2}, rig.now));
    rig.run_until(10s);
    REQUIRE(rig.machine.start({.users = 3, .spawn_rate = 5}, rig.now));
    rig.run_until(11s);
    CHECK(rig.take_calls() ==
          Calls{"begin ", "+4-0", "spawned 4", "+0-2", "+0-1", "spawned 1", "+2-0", "spawned 3"});
    CHECK(rig.machine.snapshot(rig.now).elapsed == 11s);
}

TEST_CASE("a test is complete when all its users have ended by themselves") {
    // Goal: it ends once nobody is left, but not while users are still to be spawned.
    // Method: the users of a ramp end while it goes on.
    Rig rig({.quit_after_test = 0s});
    REQUIRE(rig.machine.start({.users = 2, .spawn_rate = 1}, rig.now));
    rig.deliver();
    rig.engine.report.user_count = 0;
    rig.run_until(900ms);
    CHECK(rig.machine.state() == State::Spawning);
    rig.run_until(1s);
    CHECK(rig.machine.state() == State::Running);
    rig.engine.report.user_count = 0;
    rig.deliver();
    CHECK(rig.machine.finished());
}

TEST_CASE("a test of no users goes on until it is stopped") {
    // Goal: -u 0 is no completed test: the page may raise the number.
    // Method: start with nobody, wait.
    Rig rig;
    REQUIRE(rig.machine.start({.users = 0}, rig.now));
    rig.run_until(100s);
    CHECK(rig.machine.state() == State::Running);
}

TEST_CASE("quitting stops the test first and waits for its last user") {
    // Goal: the engine is told to leave only when nobody is left.
    // Method: an engine that takes its time to end the test.
    Rig rig;
    rig.engine.ends_at_once = false;
    REQUIRE(rig.machine.start({.users = 1}, rig.now));
    rig.run_until(1s);
    rig.take_calls();
    rig.machine.quit(rig.now);
    rig.run_until(5s);
    CHECK(rig.take_calls() == Calls{"end"});
    CHECK_FALSE(rig.machine.start({.users = 1}, rig.now));
    rig.engine.end();
    rig.run_until(6s);
    CHECK(rig.take_calls() == Calls{"leave"});
    CHECK(rig.machine.finished());
    CHECK(rig.machine.snapshot(rig.now).elapsed == 5s);
}

TEST_CASE("a quit before the first test leaves at once") {
    // Goal: SIGTERM ends an idle web program.
    // Method: quit in state ready.
    Rig rig;
    rig.machine.quit(rig.now);
    rig.deliver();
    CHECK(rig.take_calls() == Calls{"leave"});
    CHECK(rig.machine.finished());
}

TEST_CASE("what was recorded before a reset does not come back with a late report") {
    // Goal: after /stats/reset the numbers are those since the reset.
    // Method: a report of the old epoch arrives after the reset.
    Rig rig;
    REQUIRE(rig.machine.start({.users = 1}, rig.now));
    rig.deliver();
    EngineReport late = rig.engine.report;
    late.delta = one_request();
    rig.machine.on_report(EngineReport(late), rig.now);
    CHECK(rig.machine.snapshot(rig.now).statistics->total().counts.requests == 1);
    rig.machine.reset_statistics(rig.now);
    CHECK(rig.machine.snapshot(rig.now).statistics->total().counts.requests == 0);
    rig.machine.on_report(EngineReport(late), rig.now);
    CHECK(rig.machine.snapshot(rig.now).statistics->total().counts.requests == 0);
    late.statistics_epoch = rig.engine.report.statistics_epoch;
    rig.machine.on_report(EngineReport(late), rig.now);
    CHECK(rig.machine.snapshot(rig.now).statistics->total().counts.requests == 1);
}

TEST_CASE("--reset-stats zeroes the statistics when the ramp-up is complete") {
    // Goal: the ramp-up does not spoil the figures.
    // Method: look at the calls.
    Rig rig({.reset_when_spawned = true});
    REQUIRE(rig.machine.start({.users = 1}, rig.now));
    rig.run_until(1s);
    CHECK(rig.take_calls() == Calls{"begin ", "+1-0", "reset", "spawned 1"});
}

TEST_CASE("a test that cannot go on is given up with its reason") {
    // Goal: e.g. no host: one reason is kept, the test ends, a headless program too.
    // Method: the engine says so.
    Rig rig({.quit_after_test = 0s});
    REQUIRE(rig.machine.start({.users = 1}, rig.now));
    rig.run_until(1s);
    rig.engine.report.cannot_go_on = {"no host"};
    rig.run_until(2s);
    CHECK(rig.machine.given_up() == "no host");
    CHECK(rig.machine.finished());
}

TEST_CASE("user code may stop the test and end the program") {
    // Goal: runner().stop() ends one test, not the next; runner().quit() ends the program.
    // Method: the engine's counters.
    Rig rig;
    REQUIRE(rig.machine.start({.users = 1}, rig.now));
    rig.run_until(1s);
    rig.engine.report.stops_asked = 1;
    rig.run_until(2s);
    CHECK(rig.machine.state() == State::Stopped);
    REQUIRE(rig.machine.start({.users = 1}, rig.now));
    rig.run_until(3s);
    CHECK(rig.machine.state() == State::Running);
    rig.engine.report.quit_asked = true;
    rig.run_until(4s);
    CHECK(rig.machine.finished());
}

TEST_CASE("a target that makes no sense is refused with its value and limit") {
    // Goal: the page and later a cluster get a sentence, not a crash.
    // Method: each bad value.
    Rig rig;
    const auto why = [&rig](const Target& target) {
        const auto started = rig.machine.start(target, rig.now);
        return started ? std::string() : started.error();
    };
    CHECK(why({.users = -1}) == "the number of users is -1, but has to be 0 to 10000000");
    CHECK(why({.users = 10'000'001}) ==
          "the number of users is 10000001, but has to be 0 to 10000000");
    CHECK(why({.users = 1, .spawn_rate = 0}) == "the spawn rate is 0, but has to be above 0");
    CHECK(why({.users = 1, .run_time = 0s}) == "the run time has to be above 0");
    CHECK(rig.machine.state() == State::Ready);
}

TEST_CASE("a report that could not be delivered loses no counts") {
    // Goal: lateness costs resolution only.
    // Method: two reports absorbed into one; of different epochs, only the later counts.
    stats::Recorder recorder({base::TimePoint(1h), base::WallTime(1'000'000s)});
    const auto take_one_request = [&recorder] {
        recorder.record("GET", "/", {.completed = base::TimePoint(1h), .response_time = 1ms});
        return recorder.take(base::TimePoint(1h));
    };
    EngineReport first;
    first.delta = take_one_request();
    EngineReport second;
    second.delta = take_one_request();
    second.steps_done = 7;
    first.absorb(std::move(second));
    CHECK(first.steps_done == 7);
    CHECK(first.delta.entries.at(0).counts.requests == 2);
    EngineReport after_reset;
    after_reset.statistics_epoch = 1;
    first.absorb(std::move(after_reset));
    CHECK(first.delta.entries.empty());
}

Goal aborting_goal(const char* text, nanoseconds warm_up) {
    Goal goal = make_goal(text, {}).value();
    goal.abort_on_fail = true;
    goal.warm_up = warm_up;
    return goal;
}

TEST_CASE("a threshold that is missed for good stops the test after its warm-up") {
    // Goal: not earlier; as a stop of the run's own, so that a headless program ends; the results
    // are in the snapshot, where there has been a test.
    // Method: one request of 1 ms against a goal of less.
    Rig rig({.quit_after_test = nanoseconds(0), .goals = {aborting_goal("max < 1us", 5s)}});
    CHECK(rig.machine.snapshot(rig.now).thresholds.empty());
    REQUIRE(rig.machine.start({.users = 1, .spawn_rate = 1}, rig.now));
    rig.run_until(1s);
    rig.engine.report.delta = one_request();
    rig.deliver_once();
    rig.engine.report.delta = {};
    rig.run_until(4s);
    CHECK(rig.machine.testing());
    rig.run_until(6s);
    rig.deliver();
    CHECK(rig.machine.state() == State::Stopped);
    CHECK(rig.machine.finished());
    const std::vector<GoalResult> results = rig.machine.snapshot(rig.now).thresholds;
    REQUIRE(results.size() == 1);
    CHECK(results[0].actual == "1 ms");
    CHECK_FALSE(results[0].passed);
    rig.machine.reset_statistics(rig.now);
    CHECK(rig.machine.snapshot(rig.now).thresholds[0].actual == "no request was recorded");
}

TEST_CASE("what the machine does counts while a test runs") {
    // Goal: CPU time stolen before the test spoils nothing.
    // Method: the same theft before and during a test.
    Rig rig;
    const stats::MachineUse theft{.cpu = 10s, .stolen = 5s};
    rig.machine.add(theft);
    REQUIRE(rig.machine.start({.users = 1, .spawn_rate = 1}, rig.now));
    CHECK(rig.machine.snapshot(rig.now).statistics->verdict().grade == stats::Grade::Valid);
    rig.machine.add(theft);
    CHECK(rig.machine.snapshot(rig.now).statistics->verdict().grade == stats::Grade::Invalid);
}

}  // namespace
}  // namespace cicada::run
