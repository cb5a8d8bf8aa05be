// SPDX-License-Identifier: Apache-2.0
#include "fiber/timer_wheel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <random>
#include <vector>

namespace cicada::fiber {

using namespace std::chrono_literals;

namespace {

struct Probe : Timer {
    Probe() : Timer([](Timer& timer) { static_cast<Probe&>(timer).rang = true; }) {}
    bool rang = false;
};

}  // namespace

// Goal: the wheel is a sorted map of deadlines, only faster. Method: thousands of random additions,
// removals and steps of time over nanoseconds to years, against a std::multimap.
TEST_CASE("the wheel rings what a sorted map would, whenever time is looked at") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937_64 random(seed);
        const TimePoint begin(std::chrono::hours(1));
        TimePoint now = begin;
        TimerWheel wheel(begin);
        std::deque<Probe> probes;
        std::multimap<TimePoint, Probe*> expected;
        const auto some_time = [&] {
            return std::chrono::nanoseconds(random() >> (random() % 60 + 4));
        };
        for (int step = 0; step < 3000; ++step) {
            const auto action = random() % 10;
            if (action < 6) {
                Probe& probe = probes.emplace_back();
                const TimePoint deadline = now + some_time() % std::chrono::hours(24 * 365);
                wheel.add(probe, deadline);
                expected.emplace(deadline, &probe);
            } else if (action < 7 && !expected.empty()) {
                const auto victim =
                    std::next(expected.begin(), static_cast<long>(random() % expected.size()));
                wheel.remove(*victim->second);
                expected.erase(victim);
            } else {
                const auto next = wheel.next_event();
                REQUIRE(next.has_value() == !expected.empty());
                if (next) REQUIRE(*next <= expected.begin()->first);
                now += some_time() % std::chrono::hours(24);
                if (next && random() % 2 == 0) now = std::max(now, *next);
                wheel.expire(now);
                const auto due = expected.upper_bound(now);
                REQUIRE(std::all_of(
                    expected.begin(), due, [](auto& entry) { return entry.second->rang; }));
                expected.erase(expected.begin(), due);
                REQUIRE(std::none_of(expected.begin(), expected.end(), [](auto& entry) {
                    return entry.second->rang;
                }));
            }
        }
        REQUIRE(wheel.empty() == expected.empty());
    }
}

TEST_CASE("timers ring in order of time, and of addition where times are equal") {
    static std::vector<int> rung;
    rung.clear();
    struct Numbered : Timer {
        explicit Numbered(int n)
            : Timer([](Timer& timer) { rung.push_back(static_cast<Numbered&>(timer).number); }),
              number(n) {}
        int number;
    };
    const TimePoint begin{};
    TimerWheel wheel(begin);
    std::deque<Numbered> timers;
    int number = 0;
    for (const auto delay : {5s, 5s, 1s, 3600s, 5s, 2s}) {
        wheel.add(timers.emplace_back(number++), begin + delay);
    }
    wheel.expire(begin + 2h);
    CHECK(rung == std::vector<int>{2, 5, 0, 1, 4, 3});
}

TEST_CASE("a near deadline is told exactly") {
    const TimePoint begin{};
    TimerWheel wheel(begin);
    Probe probe;
    wheel.add(probe, begin + 123'456ns);
    CHECK(wheel.next_event() == begin + 123'456ns);
    wheel.expire(begin + 123'455ns);
    CHECK(!probe.rang);
    wheel.expire(begin + 123'456ns);
    CHECK(probe.rang);
    CHECK(!wheel.next_event());
}

}  // namespace cicada::fiber
