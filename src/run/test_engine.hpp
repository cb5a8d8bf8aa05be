// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cicada/fiber.hpp>
#include <cicada/user.hpp>
#include <cicada/users.hpp>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "run/engine.hpp"
#include "run/run_machine.hpp"
#include "run/test_classes.hpp"
#include "user/load_plan.hpp"
#include "user/registry.hpp"

// A whole run in virtual time, for tests.
namespace cicada::run {

/// What the users of these tests do, and when, in virtual time.
struct Life {
    base::TimePoint begin{};
    std::vector<std::pair<std::int64_t, double>> started;  ///< user number, seconds
    std::vector<std::pair<std::int64_t, double>> stopped;
    std::function<void()> task;
    std::string given_up{};  ///< why the test was

    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(fiber::now() - begin).count();
    }
};
inline Life* life = nullptr;

class Actor : public User {
public:
    void on_start() override { life->started.emplace_back(user_number(), life->seconds()); }
    void on_stop() override { life->stopped.emplace_back(user_number(), life->seconds()); }
    void act() { life->task(); }
};

using Look = std::function<void(RunMachine&, const Moment&)>;

/// Runs the test that is declared in virtual time, engine and control on this thread. `at` is
/// called each millisecond and after each change with the machine. Returns how many seconds the
/// test took.
inline double simulate_declared(Life& actors,
                                const Target& target,
                                EngineOptions engine_options,
                                MachineOptions machine_options,
                                const Look& at = {}) {
    user::registry().seal();
    std::vector<const user::Declaration*> classes;
    for (const auto& declaration : user::registry().declarations()) {
        classes.push_back(declaration.get());
    }
    const user::LoadPlan* const plan = user::registry().load_plan();
    const TestClasses sorted = test_classes(classes);
    sorted.prepare(machine_options, plan);
    if (plan != nullptr && plan->is_shape()) engine_options.shape = plan;
    machine_options.quit_after_test = std::chrono::seconds(0);
    life = &actors;
    double took = 0;
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([&] {
        std::deque<EngineReport> reports;
        Engine engine(scheduler, sorted.all(), engine_options, [&reports](EngineReport& report) {
            reports.push_back(std::move(report));
            return true;
        });
        fiber::Handle body = fiber::start([&engine] { engine.run(); });
        const auto now = [] { return Moment{fiber::now(), base::WallTime()}; };
        actors.begin = fiber::now();
        RunMachine machine(sorted.shares(), machine_options, engine, now());
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
        actors.given_up = machine.given_up();
        engine.dismiss(0);
        body.join();
    });
    user::registry().clear();
    return took;
}

/// The same with one class of Actors.
inline double simulate(Life& actors,
                       const Target& target,
                       const StopLimits& limits,
                       const Look& at = {}) {
    user::registry().clear();
    users<Actor>().task<&Actor::act>();
    return simulate_declared(actors, target, {.stop = limits}, {}, at);
}

inline void wait(double seconds) {
    fiber::sleep_for(std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
}

}  // namespace cicada::run
