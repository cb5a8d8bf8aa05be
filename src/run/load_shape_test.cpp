// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cicada/load_shape.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "run/shape_driver.hpp"
#include "run/test_engine.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

struct Told {
    std::vector<double> run_times;
    std::vector<std::int64_t> user_counts;
    CommonOptions common{};
    std::function<std::optional<Tick>(LoadShape&)> tick;
};
Told* told = nullptr;

class Scripted : public LoadShape {
public:
    std::optional<Tick> tick() override {
        told->run_times.push_back(run_time().seconds());
        told->user_counts.push_back(user_count());
        told->common = common_options();
        return told->tick(*this);
    }
};

class Idler : public User {
public:
    void act() { wait(0.5); }
};

/// Follows `tick` with actors of one class; what the shape was told comes back.
double follow(Told& shape, Life& actors, const Target& target, const Look& at = {}) {
    told = &shape;
    user::registry().clear();
    users<Actor>().task<&Actor::act>();
    users<Idler>().weight(0).task<&Idler::act>();
    load_shape<Scripted>();
    if (!actors.task) actors.task = [] { wait(0.1); };
    return simulate_declared(actors,
                             target,
                             {.common_options = {.users = 7, .spawn_rate = 3, .run_time = 1min}},
                             {},
                             at);
}

TEST_CASE("a load shape is asked once a second, and its nothing ends the test") {
    // Goal: 1 Hz without drift, first at once, whatever a tick takes; the users follow; -u does
    // nothing; -t is an upper limit; the shape knows time, users and common options.
    // Method: two steps and the end; the ticks take 0.3 s each.
    Told shape;
    shape.tick = [](LoadShape& self) -> std::optional<Tick> {
        wait(0.3);
        const double at = self.run_time().seconds();
        if (at < 2.5) return Tick{.users = 5, .spawn_rate = 100};
        if (at < 4.5) return Tick{.users = 2, .spawn_rate = 100};
        return std::nullopt;
    };
    Life actors;
    const double took = follow(shape, actors, {.users = 1000, .spawn_rate = 1000});
    CHECK(took == doctest::Approx(5.3).epsilon(0.01));
    REQUIRE(shape.run_times.size() == 6);
    for (std::size_t tick = 0; tick < 6; ++tick) {
        CHECK(shape.run_times[tick] == doctest::Approx(static_cast<double>(tick)).epsilon(0.001));
    }
    CHECK(shape.user_counts == std::vector<std::int64_t>{0, 5, 5, 5, 2, 2});
    CHECK(shape.common.users == 7);
    CHECK(shape.common.spawn_rate == 3);
    CHECK(shape.common.run_time == Duration(1min));
    CHECK(actors.started.size() == 5);

    Told other;
    other.tick = [](LoadShape&) { return Tick{.users = 1}; };
    Life more;
    CHECK(follow(other, more, {.run_time = 3s}) == doctest::Approx(3).epsilon(0.01));
}

TEST_CASE("a slow tick delays the next one, and no more") {
    // Goal: ticks never overlap, nor are they made up for. Method: ticks that take 2.5 s.
    Told shape;
    shape.tick = [](LoadShape& self) -> std::optional<Tick> {
        wait(2.5);
        return self.run_time().seconds() < 5 ? std::optional(Tick{.users = 1}) : std::nullopt;
    };
    Life actors;
    follow(shape, actors, {});
    REQUIRE(shape.run_times.size() == 3);
    CHECK(shape.run_times[2] == doctest::Approx(5));
}

TEST_CASE("reset_time() starts the shape's clock again") {
    // Goal: as Locust's. Method: reset at 2 s.
    Told shape;
    shape.tick = [](LoadShape& self) -> std::optional<Tick> {
        if (told->run_times.size() == 3) self.reset_time();
        return told->run_times.size() < 5 ? std::optional(Tick{.users = 1}) : std::nullopt;
    };
    Life actors;
    follow(shape, actors, {});
    REQUIRE(shape.run_times.size() == 5);
    CHECK(shape.run_times[2] == doctest::Approx(2));
    CHECK(shape.run_times[4] == doctest::Approx(2));
}

TEST_CASE("what a shape does wrong gives the test up, with its name, the value and the limit") {
    // Goal: no test goes on under a load that nobody asked for; what was measured is kept.
    // Method: each mistake, at the third tick.
    const auto given_up = [](std::optional<Tick> wrong, bool throws = false) {
        Told shape;
        shape.tick = [&](LoadShape&) -> std::optional<Tick> {
            if (told->run_times.size() < 3) return Tick{.users = 3, .spawn_rate = 100};
            if (throws) throw std::runtime_error("no idea");
            return wrong;
        };
        Life actors;
        const double took = follow(shape, actors, {});
        CHECK(took == doctest::Approx(2).epsilon(0.01));
        CHECK(actors.started.size() == 3);
        return actors.given_up;
    };
    CHECK(given_up({}, true) == "load shape Scripted: tick() threw std::runtime_error: no idea");
    CHECK(given_up(Tick{.users = -1}) ==
          "load shape Scripted: the number of users is -1, but has to be 0 to 10000000");
    CHECK(given_up(Tick{.users = 1, .spawn_rate = 0}) ==
          "load shape Scripted: the spawn rate is 0, but has to be above 0");
    CHECK(given_up(Tick{.users = 1, .user_classes = {"Idler", "Actr"}}) ==
          "load shape Scripted: there is no user class Actr, but Actor, Idler");
}

TEST_CASE("a tick's user classes are the ones that are added") {
    // Goal: names reach the spawn plan. Method: Idler has no weight among all, but alone it has.
    Told shape;
    shape.tick = [](LoadShape& self) -> std::optional<Tick> {
        if (self.run_time().seconds() < 1) return Tick{.users = 2, .spawn_rate = 10};
        if (self.run_time().seconds() < 3) {
            return Tick{.users = 5, .spawn_rate = 10, .user_classes = {"Actor"}};
        }
        return std::nullopt;
    };
    Life actors;
    follow(shape, actors, {});
    CHECK(actors.started.size() == 5);
}

TEST_CASE("a stop ends a tick that hangs") {
    // Goal: nobody waits for user code that never returns. Method: a tick of an hour, -t 2.
    Told shape;
    shape.tick = [](LoadShape&) -> std::optional<Tick> {
        wait(3600);
        return std::nullopt;
    };
    Life actors;
    CHECK(follow(shape, actors, {.run_time = 2s}) == doctest::Approx(2).epsilon(0.01));
}

TEST_CASE("a shape's clock stands still while the test is paused") {
    // Goal: no tick meanwhile, and run_time() without the pause. Method: 10 s of pause at 1.5 s.
    Told shape;
    shape.tick = [](LoadShape& self) -> std::optional<Tick> {
        return self.run_time().seconds() < 4 ? std::optional(Tick{.users = 1}) : std::nullopt;
    };
    Life actors;
    int step = 0;
    const double took = follow(shape, actors, {}, [&](RunMachine& machine, const Moment& now) {
        if (step == 0 && actors.seconds() >= 1.5) {
            machine.pause(now);
            ++step;
        } else if (step == 1 && actors.seconds() >= 11.5) {
            machine.resume(now);
            ++step;
        }
    });
    REQUIRE(shape.run_times.size() == 6);
    CHECK(shape.run_times[2] == doctest::Approx(1.5).epsilon(0.01));
    CHECK(shape.run_times[3] == doctest::Approx(2.5).epsilon(0.01));
    CHECK(took == doctest::Approx(4.5).epsilon(0.01));
}

}  // namespace
}  // namespace cicada::run
