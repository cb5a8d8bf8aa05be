// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "run/run_machine.hpp"
#include "run/test_machine.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

const Course kStages{"stages()", {{10s, {4, 2}}, {5s, {6, 100}}, {5s, {0, 100}}}};
const Course kShape{"load shape Steps", {}};

TEST_CASE("stages are gone through, and the test ends with the last") {
    // Goal: targets, times, the progress shown, and that what a person asks for is not heeded.
    // Method: three stages, -u 1000; look at the calls of each.
    Rig rig({.quit_after_test = 0s, .course = kStages});
    REQUIRE(rig.machine.start({.users = 1000, .spawn_rate = 1000}, rig.now));
    rig.run_until(9999ms);
    CHECK(rig.take_calls() == Calls{"begin ", "+2-0", "+2-0", "spawned 4"});
    CHECK(rig.machine.snapshot(rig.now).course == "stage 1 of 3");
    CHECK(rig.machine.snapshot(rig.now).run_time == 20s);
    CHECK(rig.machine.snapshot(rig.now).target_user_count == 4);
    rig.run_until(10s);
    CHECK(rig.take_calls() == Calls{"+2-0", "spawned 6"});
    REQUIRE(rig.machine.start({.users = 1000, .spawn_rate = 1000}, rig.now));
    rig.run_until(15s);
    CHECK(rig.take_calls() == Calls{"+0-6", "spawned 0"});
    rig.run_until(19999ms);
    CHECK(rig.machine.state() == State::Running);
    rig.run_until(20s);
    CHECK(rig.take_calls() == Calls{"end", "leave"});
    CHECK(rig.machine.finished());
    CHECK(rig.machine.snapshot(rig.now).elapsed == 20s);
}

TEST_CASE("the run time cuts stages short, and a second test begins with the first stage") {
    // Goal: -t is an upper limit. Method: 12 s of 20, then once more without a limit.
    Rig rig({.course = kStages});
    REQUIRE(rig.machine.start({.run_time = 12s}, rig.now));
    rig.run_until(11s);
    CHECK(rig.machine.snapshot(rig.now).run_time == 12s);
    rig.run_until(12s);
    CHECK(rig.machine.state() == State::Stopped);
    rig.take_calls();
    REQUIRE(rig.machine.start({}, rig.now));
    rig.run_until(12s);
    CHECK(rig.take_calls() == Calls{"begin ", "+2-0"});
    CHECK(rig.machine.snapshot(rig.now).run_time == 20s);
    rig.run_until(32s);
    CHECK(rig.machine.state() == State::Stopped);
}

TEST_CASE("users that have ended do not end a test whose next stage brings more") {
    // Goal: complete is a test only when nobody is still to come.
    // Method: all users of the first stage end by themselves; then all of the second.
    Rig rig({.course = {"stages()", {{10s, {4, 100}}, {10s, {6, 100}}}}});
    REQUIRE(rig.machine.start({}, rig.now));
    rig.run_until(1s);
    rig.engine.report.user_count = 0;
    rig.run_until(9s);
    CHECK(rig.machine.state() == State::Running);
    rig.run_until(11s);
    CHECK(rig.engine.report.user_count == 2);
    rig.engine.report.user_count = 0;
    rig.deliver();
    CHECK(rig.machine.state() == State::Stopped);
}

TEST_CASE("a load shape's wishes are followed when they change") {
    // Goal: one ramp per different tick; nothing before the first; the end of the shape ends the
    // test; the last test's wishes mean nothing to the next.
    // Method: wishes by hand.
    Rig rig({.course = kShape});
    REQUIRE(rig.machine.start({.users = 7}, rig.now));
    rig.run_until(500ms);
    CHECK(rig.take_calls() == Calls{"begin "});
    CHECK(rig.machine.state() == State::Spawning);
    rig.wish(Aim{10, 10});
    rig.wish(Aim{10, 10});
    CHECK(rig.take_calls() == Calls{"+10-0", "spawned 10"});
    CHECK(rig.machine.snapshot(rig.now).course == "load shape Steps");
    rig.run_until(2s);
    rig.wish(Aim{3, 100});
    CHECK(rig.take_calls() == Calls{"+0-7", "spawned 3"});
    rig.engine.report.user_count = 0;
    rig.run_until(3s);
    CHECK(rig.machine.state() == State::Running);
    rig.wish(std::nullopt);
    CHECK(rig.machine.state() == State::Stopped);
    CHECK(rig.take_calls() == Calls{"end"});
    REQUIRE(rig.machine.start({}, rig.now));
    rig.run_until(4s);
    CHECK(rig.machine.state() == State::Spawning);
    CHECK(rig.take_calls() == Calls{"begin "});
}

TEST_CASE("a shape that says something new each second gains no users by it") {
    // Goal: 0.5 users a second stay 0.5, where each new ramp of Locust starts with a step.
    // Method: a target that grows by one each second, for 20 s.
    Rig rig({.course = kShape});
    REQUIRE(rig.machine.start({}, rig.now));
    rig.run_until(0s);
    for (int second = 0; second < 20; ++second) {
        rig.run_until(std::chrono::seconds(second));
        rig.wish(Aim{second + 10, 0.5});
    }
    CHECK(rig.engine.report.user_count == 10);
}

TEST_CASE("a tick's user classes restrict who is added") {
    // Goal: others stay and are not replaced; no restriction means all again.
    // Method: ten of A and B, then only B, then all.
    Rig rig({.course = kShape}, {{"A"}, {"B"}});
    REQUIRE(rig.machine.start({}, rig.now));
    rig.deliver();
    rig.wish(Aim{10, 100});
    rig.run_until(2s);
    rig.wish(Aim{16, 100, {1}});
    CHECK(rig.machine.plan().planned(0) == 5);
    CHECK(rig.machine.plan().planned(1) == 11);
    rig.run_until(5s);
    rig.wish(Aim{20, 100});
    CHECK(rig.machine.plan().planned(0) == 7);
    CHECK(rig.machine.plan().planned(1) == 13);
}

TEST_CASE("the run time counts from the last user if asked") {
    // Goal: --run-time-after-ramp-up: 10 s at the target, whatever the ramp took.
    // Method: ten users at one a second.
    Rig rig({.time_after_ramp_up = true});
    REQUIRE(rig.machine.start({.users = 10, .spawn_rate = 1, .run_time = 10s}, rig.now));
    rig.run_until(8s);
    CHECK(rig.machine.state() == State::Spawning);
    CHECK(rig.machine.snapshot(rig.now).run_time == 0s);
    rig.run_until(18s);
    CHECK(rig.machine.snapshot(rig.now).run_time == 19s);
    CHECK(rig.machine.state() == State::Running);
    rig.run_until(19s);
    CHECK(rig.machine.state() == State::Stopped);
}

TEST_CASE("stages last from their last user if asked") {
    // Goal: as above for stages. Method: a ramp of 3 s, then 5 s; and one of 0 s.
    Rig rig({.time_after_ramp_up = true, .course = {"stages()", {{5s, {4, 1}}, {5s, {5, 1}}}}});
    REQUIRE(rig.machine.start({}, rig.now));
    rig.run_until(7999ms);
    CHECK(rig.machine.snapshot(rig.now).course == "stage 1 of 2");
    rig.run_until(8s);
    CHECK(rig.machine.snapshot(rig.now).course == "stage 2 of 2");
    rig.run_until(12999ms);
    CHECK(rig.machine.state() == State::Running);
    rig.run_until(13s);
    CHECK(rig.machine.state() == State::Stopped);
}

TEST_CASE("time counts from when the listeners of test_start have returned") {
    // Goal: a token that takes 30 s to fetch takes nothing from the run time or the stages.
    // Method: an engine whose test begins late.
    Rig rig({.course = {"stages()", {{10s, {1, 1}}}}});
    rig.engine.begins_at_once = false;
    REQUIRE(rig.machine.start({.run_time = 5s}, rig.now));
    rig.run_until(30s);
    CHECK(rig.take_calls() == Calls{"begin "});
    CHECK(rig.machine.snapshot(rig.now).elapsed == 0s);
    rig.engine.report.tests_begun += 1;
    rig.run_until(34s);
    CHECK(rig.machine.state() == State::Running);
    CHECK(rig.machine.snapshot(rig.now).elapsed == 4s);
    rig.run_until(35s);
    CHECK(rig.machine.state() == State::Stopped);
}

TEST_CASE("a pause stops every clock of the test") {
    // Goal: run time, ramp and stages go on where they were; shown while it lasts.
    // Method: a ramp of one user a second, 20 s; paused from 2.5 s to 62.5 s.
    Rig rig;
    REQUIRE(rig.machine.start({.users = 5, .spawn_rate = 1, .run_time = 20s}, rig.now));
    rig.run_until(2500ms);
    rig.machine.pause(rig.now);
    rig.machine.pause(rig.now);
    CHECK(rig.take_calls() == Calls{"begin ", "+1-0", "+1-0", "+1-0", "pause"});
    rig.run_until(62500ms);
    CHECK(rig.take_calls().empty());
    CHECK(rig.machine.snapshot(rig.now).paused);
    CHECK(rig.machine.snapshot(rig.now).elapsed == 2500ms);
    rig.machine.resume(rig.now);
    rig.machine.resume(rig.now);
    CHECK_FALSE(rig.machine.snapshot(rig.now).paused);
    rig.run_until(63s);
    CHECK(rig.take_calls() == Calls{"resume", "+1-0"});
    rig.run_until(79999ms);
    CHECK(rig.machine.state() == State::Running);
    rig.run_until(80s);
    CHECK(rig.machine.state() == State::Stopped);
    CHECK(rig.machine.snapshot(rig.now).elapsed == 20s);
}

TEST_CASE("a paused test can be stopped, and the next one is not paused") {
    // Goal: no pause outlives its test. Method: pause, stop, start.
    Rig rig;
    rig.machine.pause(rig.now);
    CHECK_FALSE(rig.machine.snapshot(rig.now).paused);
    REQUIRE(rig.machine.start({.users = 1, .run_time = 5s}, rig.now));
    rig.run_until(1s);
    rig.machine.pause(rig.now);
    rig.run_until(60s);
    CHECK(rig.machine.testing());
    rig.machine.stop(rig.now);
    rig.run_until(61s);
    CHECK(rig.machine.state() == State::Stopped);
    CHECK_FALSE(rig.machine.snapshot(rig.now).paused);
    rig.take_calls();
    REQUIRE(rig.machine.start({.users = 1, .run_time = 5s}, rig.now));
    rig.run_until(62s);
    CHECK(rig.take_calls() == Calls{"begin ", "+1-0", "spawned 1"});
    rig.run_until(66s);
    CHECK(rig.machine.state() == State::Stopped);
}

TEST_CASE("stages wait while the test is paused") {
    // Goal: a stage keeps its length. Method: paused in the first stage for 10 s.
    Rig rig({.course = kStages});
    REQUIRE(rig.machine.start({}, rig.now));
    rig.run_until(5s);
    rig.machine.pause(rig.now);
    rig.run_until(15s);
    rig.machine.resume(rig.now);
    rig.run_until(19s);
    CHECK(rig.machine.snapshot(rig.now).course == "stage 1 of 3");
    rig.run_until(20s);
    CHECK(rig.machine.snapshot(rig.now).course == "stage 2 of 3");
}

}  // namespace
}  // namespace cicada::run
