// SPDX-License-Identifier: Apache-2.0
#include "run/engine.hpp"

#include <doctest/doctest.h>

#include "run/test_engine.hpp"

namespace cicada::run {
namespace {

TEST_CASE("users come at the rate that was asked for") {
    // Goal: Locust's steps reach the users: ten at once each second.
    // Method: 30 users at 10/s for 5 s of virtual time; when did each start?
    Life actors;
    actors.task = [] { wait(0.1); };
    const double took =
        simulate(actors, {.users = 30, .spawn_rate = 10, .run_time = std::chrono::seconds(5)}, {});
    CHECK(took == doctest::Approx(5).epsilon(0.01));
    REQUIRE(actors.started.size() == 30);
    for (std::size_t index = 0; index < 30; ++index) {
        CHECK(actors.started[index].first == static_cast<std::int64_t>(index));
        CHECK(std::abs(actors.started[index].second - static_cast<double>(index / 10)) < 0.05);
    }
    CHECK(actors.stopped.size() == 30);
}

TEST_CASE("the stop timeout lets a task finish, and no longer") {
    // Goal: a running task ends by itself within the limit, and is cut off beyond it.
    // Method: one task of 5 s, the test stops after 2 s; with no, a short and a long limit.
    const auto took = [](double stop_timeout) {
        Life actors;
        actors.task = [] { wait(5); };
        const auto limit = std::chrono::nanoseconds(static_cast<std::int64_t>(stop_timeout * 1e9));
        const double seconds = simulate(
            actors, {.users = 3, .spawn_rate = 100, .run_time = std::chrono::seconds(2)}, {limit});
        CHECK(actors.stopped.size() == 3);
        return seconds;
    };
    CHECK(took(0) == doctest::Approx(2).epsilon(0.02));
    CHECK(took(1) == doctest::Approx(3).epsilon(0.02));
    CHECK(took(60) == doctest::Approx(5).epsilon(0.02));
}

TEST_CASE("a ramp-down ends the users that came last") {
    // Goal: the first users of a test live longest.
    // Method: five users; after 2 s only two are wanted.
    Life actors;
    actors.task = [] { wait(0.01); };
    bool changed = false;
    simulate(actors,
             {.users = 5, .spawn_rate = 100, .run_time = std::chrono::seconds(4)},
             {},
             [&changed, &actors](RunMachine& machine, const Moment& now) {
                 if (changed || actors.seconds() < 2) return;
                 changed = true;
                 REQUIRE(machine.start({.users = 2, .spawn_rate = 100}, now));
             });
    REQUIRE(actors.stopped.size() == 5);
    for (const auto& [number, seconds] : actors.stopped) {
        CHECK(seconds == doctest::Approx(number >= 2 ? 2 : 4).epsilon(0.02));
    }
}

TEST_CASE("ten thousand users at once") {
    // Goal: a huge rate is one step, in slices; all start and all end.
    // Method: count them.
    Life actors;
    actors.task = [] { wait(1); };
    simulate(actors, {.users = 10'000, .spawn_rate = 1e6, .run_time = std::chrono::seconds(1)}, {});
    CHECK(actors.started.size() == 10'000);
    CHECK(actors.stopped.size() == 10'000);
}

}  // namespace
}  // namespace cicada::run
