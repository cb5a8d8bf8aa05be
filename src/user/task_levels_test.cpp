// SPDX-License-Identifier: Apache-2.0
// Goal: whatever happens in task sets, each level is entered and left in order: constructor,
// on_start, tasks, on_stop if and only if on_start has finished, destructor, the inner within the
// outer. Method: users who throw, interrupt, stop, reschedule and wait at random at every place,
// and are stopped or killed at a random time, in virtual time; a stack that checks each step.
#include <doctest/doctest.h>

#include <cicada/control.hpp>
#include <cicada/fiber.hpp>
#include <cicada/users.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "user/test_run.hpp"

using namespace cicada;
using user::TestRun;

namespace {

constexpr int kPlans = 2'000;

/// What one user is in, outermost first, and what is wrong about how it got there.
struct Ladder {
    enum class Step { Created, Starting, Started, Stopped };
    struct Rung {
        const void* owner;
        Step step;
    };
    std::vector<Rung> rungs;
    std::string mistake;
    int visits = 0;
    user::RandomStream random;

    void expect(bool holds, const std::string& what) {
        if (!holds && mistake.empty()) mistake = what;
    }
    [[nodiscard]] bool in(const void* owner, Step step) const {
        return !rungs.empty() && rungs.back().owner == owner && rungs.back().step == step;
    }
    void create(const void* owner) {
        expect(rungs.empty() || rungs.back().step == Step::Started, "created in something else");
        rungs.push_back({owner, Step::Created});
        ++visits;
    }
    void begin_start(const void* owner) {
        expect(in(owner, Step::Created), "on_start of another");
        rungs.back().step = Step::Starting;
    }
    void end_start() { rungs.back().step = Step::Started; }
    void run_task(const void* owner) { expect(in(owner, Step::Started), "a task elsewhere"); }
    void stop(const void* owner) {
        expect(in(owner, Step::Started), "on_stop without on_start");
        rungs.back().step = Step::Stopped;
    }
    void destroy(const void* owner) {
        expect(in(owner, Step::Created) || in(owner, Step::Starting) || in(owner, Step::Stopped),
               "destroyed without on_stop");
        rungs.pop_back();
    }
};

Ladder ladder;

/// Something an author may do anywhere.
void do_something(bool may_leave_set) {
    switch (ladder.random.below(12)) {
        case 0:
            throw std::runtime_error("stumbled");
        case 1:
            if (may_leave_set) interrupt();
            break;
        case 2:
            if (may_leave_set) interrupt(Then::WaitFirst);
            break;
        case 3:
            reschedule();
        case 4:
            reschedule(Then::PickAtOnce);
        case 5:
            if (ladder.random.below(10) == 0) stop_user();
            break;
        case 6:
        case 7:
        case 8:
            sleep(std::chrono::milliseconds(ladder.random.below(50)));
            break;
        default:
            break;
    }
}

/// A level that reports to the ladder.
template <class Base, bool kIsSet>
class Level : public Base {
public:
    Level() { ladder.create(this); }
    ~Level() override { ladder.destroy(this); }
    void on_start() override {
        ladder.begin_start(this);
        try {
            do_something(kIsSet);
        } catch (const user::Departure& departure) {
            // reschedule() in on_start ends on_start and nothing more.
            if (departure.outcome <= user::Outcome::PickAtOnce) ladder.end_start();
            // A user whose on_start stops it has its on_stop, as in Locust; a set has not.
            if (!kIsSet && departure.outcome == user::Outcome::Stopped) ladder.end_start();
            throw;
        } catch (const FiberCancelled&) {
            if (!kIsSet) ladder.end_start();
            throw;
        }
        ladder.end_start();
    }
    void on_stop() override {
        ladder.stop(this);
        do_something(kIsSet);
    }
    void work() {
        ladder.run_task(this);
        do_something(kIsSet);
        ladder.run_task(this);
    }
};

class Walker : public Level<User, false> {};
class First : public Level<TaskSet<Walker>, true> {};
class Second : public Level<SequentialTaskSet<First>, true> {};
class Third : public Level<MarkovTaskSet<Second>, true> {};

void declare_walkers() {
    users<Walker>()
        .wait_time(between(0ms, 20ms))
        .task<&Walker::work>()
        .task_set<First>({.weight = 2});
    task_set<First>().task<&First::work>({.weight = 2}).task_set<Second>({.weight = 2});
    task_set<Second>()
        .wait_time([]() -> Duration {
            do_something(true);
            return 5ms;
        })
        .task<&Second::work>()
        .task_set<Third>()
        .task<&Second::work>({.name = "again"});
    task_set<Third>()
        .task<&Third::work>()
        .next("more", 3)
        .next("work")
        .task<&Third::work>({.name = "more"})
        .next<&Third::work>();
}

}  // namespace

TEST_CASE("every level is left as it was entered, whatever happens in it") {
    TestRun run;
    run.environment.exception_log = {};
    declare_walkers();
    int visits = 0;
    run.run([&] {
        for (int plan = 0; plan < kPlans; ++plan) {
            CAPTURE(plan);
            run.environment.seed = static_cast<std::uint64_t>(plan);
            ladder = {};
            ladder.random = user::RandomStream(7, static_cast<std::uint64_t>(plan), 0);
            const auto user = run.start();
            fiber::sleep_for(std::chrono::milliseconds(ladder.random.below(2'000)));
            if (ladder.random.below(2) == 0) user->stop();
            if (ladder.random.below(2) == 0) user->kill({});
            user->stop();
            TestRun::wait_for_end(*user);
            REQUIRE(ladder.mistake == "");
            REQUIRE(ladder.rungs.empty());
            visits += ladder.visits;
        }
    });
    CHECK(visits > 5 * kPlans);
}
