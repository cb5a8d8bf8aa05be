// SPDX-License-Identifier: Apache-2.0
#include "run/engine.hpp"

#include <doctest/doctest.h>

#include <cicada/fiber.hpp>
#include <cicada/user.hpp>
#include <cicada/users.hpp>
#include <deque>
#include <functional>

#include "run/run_machine.hpp"
#include "user/registry.hpp"

namespace cicada::run {
namespace {

/// What the users of these tests do, and when, in virtual time.
struct Life {
    base::TimePoint begin{};
    std::vector<std::pair<std::int64_t, double>> started;  ///< user number, seconds
    std::vector<std::pair<std::int64_t, double>> stopped;
    std::function<void()> task;

    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(fiber::now() - begin).count();
    }
};
Life* life = nullptr;

class Actor : public User {
public:
    void on_start() override { life->started.emplace_back(user_number(), life->seconds()); }
    void on_stop() override { life->stopped.emplace_back(user_number(), life->seconds()); }
    void act() { life->task(); }
};

/// Runs a test of Actors in virtual time, engine and control on this thread. `at` is called after
/// each change with the machine. Returns how many seconds the test took.
double simulate(Life& actors,
                const Target& target,
                const StopLimits& limits,
                const std::function<void(RunMachine&, const Moment&)>& at = {}) {
    user::registry().clear();
    users<Actor>().task<&Actor::act>();
    user::registry().seal();
    life = &actors;
    double took = 0;
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([&] {
        std::deque<EngineReport> reports;
        Engine engine(scheduler,
                      {user::registry().declarations().front().get()},
                      {.stop = limits},
                      [&reports](EngineReport& report) {
                          reports.push_back(std::move(report));
                          return true;
                      });
        fiber::Handle body = fiber::start([&engine] { engine.run(); });
        const auto now = [] { return Moment{fiber::now(), base::WallTime()}; };
        actors.begin = fiber::now();
        RunMachine machine(
            {{"Actor"}}, {.quit_after_test = std::chrono::seconds(0)}, engine, now());
        REQUIRE(machine.start(target, now()));
        while (!machine.finished()) {
            for (; !reports.empty(); reports.pop_front()) {
                machine.on_report(std::move(reports.front()), now());
            }
            machine.on_time(now());
            if (at) at(machine, now());
            fiber::sleep_until(
                std::min(machine.next_deadline(), fiber::now() + std::chrono::milliseconds(1)));
        }
        took = std::chrono::duration<double>(machine.snapshot(now()).elapsed).count();
        engine.dismiss(0);
        body.join();
    });
    user::registry().clear();
    return took;
}

void wait(double seconds) {
    fiber::sleep_for(std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
}

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
