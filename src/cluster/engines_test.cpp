// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cicada/arrivals.hpp>
#include <cicada/control.hpp>
#include <cicada/fiber.hpp>
#include <cicada/random.hpp>
#include <cicada/user.hpp>
#include <cicada/users.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "cluster/lease_desk.hpp"
#include "run/engine.hpp"
#include "run/spawn_plan.hpp"
#include "run/test_classes.hpp"
#include "user/registry.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;

/// What somebody did: its number (none of those of an open model, as that depends on who was free),
/// the task, and a number it has drawn.
using Deed = std::tuple<std::int64_t, std::string, std::int64_t>;

std::vector<Deed>* diary = nullptr;

void note(std::int64_t number, const char* task) {
    diary->emplace_back(number, task, random_int(0, 1'000'000'000));
}

class Walker : public User {
public:
    void look() { note(user_number(), "look"); }
    void buy() {
        note(user_number(), "buy");
        sleep(7ms);
    }
};

class Guest : public User {
public:
    void order() { note(-1, "order"); }
    void browse() {
        note(-1, "browse");
        sleep(30ms);
    }
};

/// A test on several engines, in virtual time and on this thread, with a desk that lends.
class Engines {
public:
    Engines(std::size_t count, std::uint64_t seed, std::vector<Deed>& kept)
        : count_(count), seed_(seed) {
        diary = &kept;
        user::registry().seal();
        std::vector<const user::Declaration*> classes;
        for (const auto& one : user::registry().declarations()) classes.push_back(one.get());
        classes_ = run::test_classes(classes);
    }

    /// Users come at once, the test ends after `length`, or when `done` says so.
    void run(std::int64_t users, std::chrono::nanoseconds length, std::function<bool()> done = {}) {
        fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
        scheduler.run([&] {
            LeaseDesk desk({.reclaim_after = {}, .arrivals = arrivals_of(classes_, seed_)});
            desk.begin_test(1);
            begin(scheduler, desk);
            pump_until(desk,
                       [this] { return all([](auto& one) { return one.tests_begun == 1; }); });
            desk.begin_arrivals(fiber::now());
            spawn(users);
            const base::TimePoint end = fiber::now() + length;
            pump_until(desk, [&] { return fiber::now() >= end || (done && done()); });
            for (const auto& engine : engines_) engine->end_test();
            pump_until(desk,
                       [this] { return all([](auto& one) { return one.tests_ended == 1; }); });
            for (const auto& engine : engines_) engine->dismiss(0);
            for (fiber::Handle& body : bodies_) body.join();
            bodies_.clear();
            engines_.clear();
        });
    }

    [[nodiscard]] std::vector<run::EngineReport>& last() { return last_; }

private:
    void begin(fiber::Scheduler& scheduler, LeaseDesk& desk) {
        reports_.resize(count_);
        last_.resize(count_);
        for (std::size_t index = 0; index < count_; ++index) {
            engines_.push_back(
                std::make_unique<run::Engine>(scheduler,
                                              classes_.all(),
                                              run::EngineOptions{},
                                              [this, index](run::EngineReport& report) {
                                                  reports_[index].push_back(std::move(report));
                                                  return true;
                                              }));
            run::Engine& engine = *engines_.back();
            bodies_.push_back(fiber::start([&engine] { engine.run(); }));
            run::TestBegin begin;
            begin.statistics_epoch = 1;
            begin.seed = seed_;
            begin.lease_round = 1;
            begin.first_guest *= static_cast<std::int64_t>(index + 1);
            engine.begin_test(begin);
            desk.add(index + 1, engine);
        }
    }

    void spawn(std::int64_t users) {
        run::SpawnPlan plan(classes_.shares());
        plan.aim(users, 1e6);
        while (const auto step = plan.next_step()) {
            for (std::size_t index = 0; index < count_; ++index) {
                run::SpawnStep part;
                for (const run::PlannedUser& user : step->start) {
                    const auto number = static_cast<std::size_t>(user.number);
                    if (number % count_ == index) part.start.push_back(user);
                }
                engines_[index]->take_step(part);
            }
        }
    }

    template <class Is>
    bool all(Is is) {
        return std::all_of(last_.begin(), last_.end(), is);
    }

    void pump_until(LeaseDesk& desk, const std::function<bool()>& done) {
        while (!done()) {
            fiber::sleep_for(1ms);
            for (std::size_t index = 0; index < count_; ++index) {
                for (; !reports_[index].empty(); reports_[index].pop_front()) {
                    last_[index] = std::move(reports_[index].front());
                    desk.on_report(index + 1, last_[index], fiber::now());
                }
            }
            if (fiber::now() >= desk.next_deadline()) desk.on_time(fiber::now());
        }
    }

    std::size_t count_;
    std::uint64_t seed_;
    run::TestClasses classes_;
    std::vector<std::deque<run::EngineReport>> reports_;
    std::vector<run::EngineReport> last_;
    std::vector<std::unique_ptr<run::Engine>> engines_;
    std::vector<fiber::Handle> bodies_;
};

std::vector<Deed> sorted_deeds(std::size_t engines, std::uint64_t seed) {
    user::registry().clear();
    users<Walker>()
        .wait_time(between(5ms, 90ms))
        .task<&Walker::look>({.weight = 3})
        .task<&Walker::buy>();
    arrivals<Guest>(poisson(200)).task<&Guest::order>().task<&Guest::browse>();
    std::vector<Deed> kept;
    Engines(engines, seed, kept).run(12, 3s);
    user::registry().clear();
    std::sort(kept.begin(), kept.end());
    return kept;
}

TEST_CASE("one seed gives the same load on one engine and on many") {
    // Goal: the same multiset of (user, task, what it drew), for users of the plan and for arrivals
    // of an open model. Method: a test of both on 1, 2 and 5 engines, in virtual time; another seed
    // gives another load.
    const std::vector<Deed> one = sorted_deeds(1, 42);
    CHECK(one.size() > 900);
    CHECK(sorted_deeds(2, 42) == one);
    CHECK(sorted_deeds(5, 42) == one);
    CHECK(sorted_deeds(1, 43) != one);
}

TEST_CASE("limits hold over several engines") {
    // Goal: exactly N executions of each limited task, and the users end then. Method: 3 engines
    // with users that are not equally fast, until nobody is left.
    user::registry().clear();
    users<Walker>()
        .wait_time(between(1ms, 9ms))
        .task<&Walker::look>({.limit = 300})
        .task<&Walker::buy>({.limit = 100});
    std::vector<Deed> kept;
    Engines engines(3, 1, kept);
    engines.run(8, 60s, [&engines] {
        std::int64_t alive = 0;
        for (const run::EngineReport& report : engines.last()) alive += report.user_count;
        return alive == 0 && engines.last().front().steps_done > 0;
    });
    const auto count = [&kept](const char* task) {
        return std::count_if(kept.begin(), kept.end(), [task](const Deed& deed) {
            return std::get<1>(deed) == task;
        });
    };
    CHECK(count("look") == 300);
    CHECK(count("buy") == 100);
    for (const run::EngineReport& report : engines.last()) {
        CHECK(report.user_count == 0);
        CHECK(report.nothing_left);
    }
    user::registry().clear();
}

}  // namespace
}  // namespace cicada::cluster
