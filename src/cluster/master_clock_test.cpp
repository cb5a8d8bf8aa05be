// SPDX-License-Identifier: Apache-2.0
#include "cluster/master_clock.hpp"

#include <doctest/doctest.h>

#include <memory>

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;

base::TimePoint at(std::chrono::nanoseconds time) {
    return base::TimePoint(time);
}

TEST_CASE("the master's time is known to half of the quickest round trip") {
    // Goal: slow answers do not spoil what quick ones have told.
    // Method: a master 3 h ahead; answers that took 400 ms one way only, and one of 2 ms.
    MasterClock clock;
    CHECK_FALSE(clock.at(at(0s)));
    const auto learn = [&clock](auto sent, auto held, auto heard_by_master, auto heard) {
        clock.learn({.sent_at = heard_by_master + held + 3h, .echo_of = sent, .echo_held = held},
                    at(heard));
    };
    learn(1000ms, 0ms, 1400ms, 1400ms);
    CHECK(clock.at(at(5s))->time_since_epoch() == 5s + 3h + 200ms);
    learn(2000ms, 50ms, 2001ms, 2052ms);
    CHECK(clock.at(at(5s))->time_since_epoch() == 5s + 3h);
    learn(3000ms, 0ms, 3000ms, 3400ms);
    CHECK(clock.at(at(5s))->time_since_epoch() == 5s + 3h);
}

TEST_CASE("answers that cannot be true are not believed") {
    // Goal: a master that makes up an echo does not move our time.
    // Method: an echo of the future, one held longer than it is old, none at all.
    MasterClock clock;
    clock.learn({.sent_at = 5h, .echo_of = 9s}, at(8s));
    clock.learn({.sent_at = 5h, .echo_of = 7s, .echo_held = 2s}, at(8s));
    clock.learn({.sent_at = 5h}, at(8s));
    CHECK_FALSE(clock.at(at(8s)));
}

TEST_CASE("what is moved to another time keeps its counts") {
    // Goal: all times move, whole seconds by whole seconds. Method: one of each kind.
    stats::Delta delta;
    delta.entries.emplace_back();
    delta.entries[0].seconds = {{100, 7, 1}, {101, 2, 0}};
    delta.entries[0].last_request = base::WallTime(101s);
    delta.errors.push_back(
        {.occurrences = 1, .first_seen = base::WallTime(100s), .last_seen = base::WallTime(101s)});
    delta.busy = {{.second = 100}};
    delta.metrics.emplace_back();
    shift(delta, 7'200s - 400ms);
    CHECK(delta.entries[0].seconds[0].second == 7'300);
    CHECK(delta.entries[0].seconds[0].requests == 7);
    CHECK(delta.entries[0].seconds[1].second == 7'301);
    CHECK(*delta.entries[0].last_request == base::WallTime(7'301s - 400ms));
    CHECK(delta.errors[0].first_seen == base::WallTime(7'300s - 400ms));
    CHECK(delta.busy[0].second == 7'300);
    CHECK(delta.metrics[0].values.last_set == base::WallTime(7'200s - 400ms));
}

}  // namespace
}  // namespace cicada::cluster
