// SPDX-License-Identifier: Apache-2.0
#include "run/arrival_pool.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cicada/arrivals.hpp>
#include <cicada/fiber.hpp>
#include <list>
#include <vector>

#include "stats/totals.hpp"
#include "user/random_stream.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// A pool in virtual time whose users do nothing but take their time.
class PoolRig {
public:
    explicit PoolRig(const user::ArrivalPlan& plan, std::uint64_t drawn_from = 1)
        : seed(drawn_from) {
        declaration.name = "Buyer";
        declaration.arrivals = plan;
        pool.emplace(declaration, 0, gate, recorder, [this](user::ArrivalSource& source) {
            ++started;
            most_alive = std::max(most_alive, ++alive);
            fibers.push_back(fiber::start([this, &source] { live(source); }));
            return true;
        });
    }

    /// Runs `body` in a fiber, with the pool begun; then ends the pool and its users.
    void run(const std::function<void()>& body) {
        fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
        scheduler.run([&] {
            begin = fiber::now();
            pool->begin(seed, begin);
            body();
            pool->cancel();
            pool->end();
            for (fiber::Handle& user : fibers) user.end();
            fibers.clear();
            last = pool->progress();
        });
    }

    [[nodiscard]] double seconds(base::TimePoint time) const {
        return std::chrono::duration<double>(time - begin).count();
    }

    std::uint64_t seed;
    user::Declaration declaration;
    user::Gate gate;
    stats::Recorder recorder{{base::TimePoint{}, base::WallTime{}}};
    std::optional<ArrivalPool> pool;
    base::TimePoint begin{};

    std::function<nanoseconds()> work_time = [] { return 10ms; };
    nanoseconds start_time{};  ///< of on_start
    bool fails_to_start = false;
    bool leaves_after_each = false;

    std::vector<user::ArrivalTimes> executions;
    ArrivalProgress last;
    int started = 0;
    int alive = 0;
    int most_alive = 0;

private:
    void live(user::ArrivalSource& source) {
        try {
            if (start_time > 0ns) fiber::sleep_for(start_time);
            user::ArrivalTimes times;
            while (!fails_to_start && source.next(times)) {
                fiber::sleep_for(work_time());
                times.ended = fiber::now();
                times.note_answer(times.begun, times.ended);
                source.done(times, "Buyer.order");
                executions.push_back(times);
                if (leaves_after_each) break;
            }
        } catch (const FiberCancelled&) {
            // stopped: what it did counts as begun and not done
        }
        --alive;
        source.left();
    }

    std::list<fiber::Handle> fibers;
};

TEST_CASE("arrivals begin at their planned times, by few users") {
    // Goal: 100 per second of 10 ms each need one user; each begins when it is planned.
    // Method: ten seconds; then what the figures say.
    PoolRig rig({.rate = 100});
    rig.work_time = [] { return 5ms; };
    rig.run([&] { fiber::sleep_for(9992ms); });
    REQUIRE(rig.executions.size() == 999);
    for (std::size_t index = 0; index < rig.executions.size(); ++index) {
        const user::ArrivalTimes& times = rig.executions[index];
        CHECK(rig.seconds(times.planned) ==
              doctest::Approx(static_cast<double>(index) * 0.01).epsilon(1e-9));
        CHECK(times.begun == times.planned);
    }
    CHECK(rig.started == 1);
    CHECK(rig.last.planned == 1000);
    CHECK(rig.last.begun == 1000);
    CHECK(rig.last.done == 999);
    CHECK(rig.last.delayed == 0);
    CHECK(rig.last.dropped == 0);
}

TEST_CASE("a slow target does not slow the arrivals") {
    // Goal: the open model: the pool grows, the rate stays. Method: 100 per second of 1 s each.
    PoolRig rig({.rate = 100});
    rig.work_time = [] { return 1s; };
    rig.run([&] { fiber::sleep_for(5s); });
    CHECK(rig.most_alive == 100);
    for (const user::ArrivalTimes& times : rig.executions) CHECK(times.begun == times.planned);
    CHECK(rig.executions.size() >= 400);
}

TEST_CASE("with all users busy arrivals are delayed, in order, and their latency says so") {
    // Goal: nothing is forgotten: what waits begins as soon as somebody is free; latency counts
    // from the plan. Method: 10 per second, two users, 0.5 s each: 4 per second get through.
    PoolRig rig({.rate = 10, .max_users = 2});
    rig.work_time = [] { return 500ms; };
    rig.run([&] {
        fiber::sleep_for(10s - 1ms);
        const ArrivalProgress now = rig.pool->progress();
        CHECK(now.planned == 100);
        CHECK(now.begun == 40);
        CHECK(now.waiting() == 60);
        CHECK(now.busy == 2);
        CHECK(now.delayed == 98);
        CHECK(now.dropped == 0);
    });
    REQUIRE(rig.executions.size() == 38);
    for (std::size_t index = 1; index < rig.executions.size(); ++index) {
        CHECK(rig.executions[index].planned > rig.executions[index - 1].planned);
    }
    const user::ArrivalTimes& late = rig.executions.back();
    CHECK(rig.seconds(late.planned) == doctest::Approx(3.7));
    CHECK(rig.seconds(late.begun) == doctest::Approx(9.1).epsilon(0.02));
    CHECK(rig.last.dropped == 60);
    CHECK(rig.last.waiting() == 0);
    CHECK(text_of(rig.last) ==
          "Buyer: 100 arrivals planned = 40 begun + 60 dropped + 0 waiting; 98 delayed; the "
          "pool may have 2 users (.max_users)");
}

TEST_CASE("or they are dropped, and counted") {
    // Goal: WhenFull::Drop. Method: as above; each that begins does so at its time.
    PoolRig rig({.rate = 10, .max_users = 2, .when_full = WhenFull::Drop});
    rig.work_time = [] { return 450ms; };
    rig.run([&] { fiber::sleep_for(10s - 1ms); });
    CHECK(rig.last.planned == 100);
    CHECK(rig.last.delayed == 0);
    CHECK(rig.last.begun + rig.last.dropped == 100);
    CHECK(rig.last.begun == 40);
    for (const user::ArrivalTimes& times : rig.executions) CHECK(times.begun == times.planned);
}

TEST_CASE("a limited number of arrivals ends, and the users go home") {
    // Goal: .iterations(N) are N, whatever is delayed; nobody stays. Method: 50, three users, slow.
    PoolRig rig({.rate = 100, .max_users = 3, .limit = 50});
    rig.work_time = [] { return 100ms; };
    rig.run([&] {
        fiber::sleep_for(600ms);
        CHECK(rig.pool->progress().more_to_come);
        fiber::sleep_for(10s);
        CHECK_FALSE(rig.pool->progress().more_to_come);
        CHECK(rig.alive == 0);
    });
    CHECK(rig.executions.size() == 50);
    CHECK(rig.last.done == 50);
    CHECK(rig.started == 3);
}

TEST_CASE("fresh users do one thing each") {
    // Goal: a new user for each arrival, at most max_users at a time. Method: count them.
    PoolRig rig({.rate = 100, .max_users = 5, .limit = 100, .fresh = true});
    rig.work_time = [] { return 100ms; };
    rig.run([&] { fiber::sleep_for(5s); });
    CHECK(rig.executions.size() == 100);
    CHECK(rig.started == 100);
    CHECK(rig.most_alive == 5);
}

TEST_CASE("users that end are replaced when they are needed") {
    // Goal: stop_user() in a task costs a user, not an arrival. Method: each leaves after one.
    PoolRig rig({.rate = 100, .max_users = 2, .limit = 60});
    rig.leaves_after_each = true;
    rig.work_time = [] { return 100ms; };
    rig.run([&] { fiber::sleep_for(10s); });
    CHECK(rig.executions.size() == 60);
    CHECK(rig.started == 60);
}

TEST_CASE("an arrival whose user cannot start is dropped") {
    // Goal: an on_start that throws costs its arrival, and not the run in an endless attempt.
    // Method: nobody can start.
    PoolRig rig({.rate = 10, .limit = 20});
    rig.fails_to_start = true;
    rig.start_time = 50ms;
    rig.run([&] { fiber::sleep_for(10s); });
    CHECK(rig.last.dropped == 20);
    CHECK(rig.last.begun == 0);
    CHECK(rig.started == 20);
}

TEST_CASE("a pause moves the plan") {
    // Goal: no arrival during a pause, none lost, none late. Method: 10 per second, pause from
    // 1.05 s to 5.05 s.
    PoolRig rig({.rate = 10, .limit = 30});
    rig.run([&] {
        fiber::sleep_for(1050ms);
        rig.gate.close(fiber::now());
        fiber::sleep_for(4s);
        CHECK(rig.pool->progress().planned == 11);
        rig.gate.open(fiber::now());
        fiber::sleep_for(10s);
    });
    REQUIRE(rig.executions.size() == 30);
    CHECK(rig.seconds(rig.executions[10].begun) == doctest::Approx(1.0));
    CHECK(rig.seconds(rig.executions[11].begun) == doctest::Approx(5.1));
    CHECK(rig.seconds(rig.executions[29].begun) == doctest::Approx(6.9));
    for (const user::ArrivalTimes& times : rig.executions) CHECK(times.begun == times.planned);
}

TEST_CASE("times from the plan are recorded beside the plain ones") {
    // Goal: four trends under clear names. Method: one user, 10 per second of 200 ms: the n-th
    // waits n times 100 ms.
    PoolRig rig({.rate = 10, .max_users = 1, .limit = 10});
    rig.work_time = [] { return 200ms; };
    rig.run([&] { fiber::sleep_for(10s); });
    stats::Totals totals(base::WallTime{});
    totals.merge(rig.recorder.take(base::TimePoint{}));
    const auto slowest_ms = [&](std::string_view name) {
        const stats::Metric* const metric = totals.metrics().find({.kind = stats::MetricKind::Trend,
                                                                   .unit = stats::MetricUnit::Time,
                                                                   .name = std::string(name),
                                                                   .tags = "task=Buyer.order"});
        if (metric == nullptr) return -1.0;
        return std::chrono::duration<double, std::milli>(metric->values.distribution.max()).count();
    };
    CHECK(slowest_ms(ArrivalPool::kFromPlan) == doctest::Approx(1100).epsilon(0.01));
    CHECK(slowest_ms(ArrivalPool::kExecution) == doctest::Approx(200).epsilon(0.01));
    CHECK(slowest_ms(ArrivalPool::kFirstFromPlan) == doctest::Approx(1100).epsilon(0.01));
    CHECK(slowest_ms(ArrivalPool::kFirst) == doctest::Approx(200).epsilon(0.01));
}

TEST_CASE("no arrival is ever forgotten") {
    // Goal: planned = begun + dropped + waiting at any moment, begun = done + cut off + busy, users
    // within their limit; a limited row that is left in peace is begun exactly.
    // Method: 300 random plans with users that end at random, pauses and stops at any time.
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        user::RandomStream random(seed, 0, 0);
        user::ArrivalPlan plan;
        plan.rate =
            ramp(static_cast<double>(random.below(100)), static_cast<double>(1 + random.below(300)))
                .over(nanoseconds(1'000'000'000 + random.below(3'000'000'000)));
        plan.rate.poisson = random.below(2) == 0;
        plan.max_users = static_cast<std::int64_t>(1 + random.below(20));
        plan.when_full = random.below(2) == 0 ? WhenFull::Delay : WhenFull::Drop;
        plan.fresh = random.below(3) == 0;
        if (random.below(2) == 0) plan.limit = static_cast<std::int64_t>(random.below(400));
        PoolRig rig(plan, seed);
        rig.start_time = nanoseconds(random.below(2) * random.below(20'000'000));
        rig.work_time = [&random] { return nanoseconds(1 + random.below(60'000'000)); };
        rig.leaves_after_each = random.below(4) == 0;
        const bool in_peace = plan.limit && random.below(2) == 0;
        rig.run([&] {
            for (int step = 0; step < 10; ++step) {
                fiber::sleep_for(nanoseconds(random.below(600'000'000)));
                if (random.below(4) == 0) rig.gate.close(fiber::now());
                if (random.below(2) == 0) rig.gate.open(fiber::now());
                const ArrivalProgress now = rig.pool->progress();
                CHECK(now.begun + now.dropped <= now.planned);
                CHECK(now.users <= plan.max_users);
                CHECK(now.busy <= now.users);
                CHECK(now.users == rig.alive);
            }
            rig.gate.open(fiber::now());
            if (in_peace) fiber::sleep_for(1h);
        });
        CHECK(rig.last.waiting() == 0);
        CHECK(rig.last.users == 0);
        CHECK(rig.last.busy == 0);
        CHECK(rig.last.begun + rig.last.dropped == rig.last.planned);
        CHECK(rig.last.done == rig.executions.size());
        if (plan.limit) CHECK(rig.last.planned <= static_cast<std::uint64_t>(*plan.limit));
        if (in_peace) {
            CHECK(rig.last.planned == static_cast<std::uint64_t>(*plan.limit));
            CHECK(rig.last.done == rig.last.begun);
            if (plan.when_full == WhenFull::Delay) CHECK(rig.last.dropped == 0);
        }
        for (const user::ArrivalTimes& times : rig.executions) CHECK(times.begun >= times.planned);
    }
}

}  // namespace
}  // namespace cicada::run
