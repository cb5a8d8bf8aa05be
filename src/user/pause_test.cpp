// SPDX-License-Identifier: Apache-2.0
#include "user/pause.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace cicada;
using user::nanoseconds;
using user::next_pause;
using user::Pacing;
using user::RandomStream;

namespace {

base::TimePoint at(Duration time) {
    return base::TimePoint{} + time.nanoseconds();
}

}  // namespace

TEST_CASE("between() stays within its ends, reaches all parts and has the right mean") {
    // Goal: a uniform wait. Method: 100,000 draws.
    RandomStream random(1, 2, 3);
    Pacing pacing;
    double sum = 0;
    nanoseconds least = nanoseconds::max();
    nanoseconds most{};
    for (int i = 0; i < 100'000; ++i) {
        const nanoseconds wait = next_pause(between(1s, 3s), {}, random, pacing);
        least = std::min(least, wait);
        most = std::max(most, wait);
        sum += std::chrono::duration<double>(wait).count();
    }
    CHECK(least >= 1s);
    CHECK(least < 1.001s);
    CHECK(most <= 3s);
    CHECK(most > 2.999s);
    CHECK(sum / 100'000 == doctest::Approx(2).epsilon(0.01));
}

TEST_CASE("between() of two equal times and of the widest ones works") {
    // Goal: no overflow at the ends of the range.
    RandomStream random(1, 2, 3);
    Pacing pacing;
    CHECK(next_pause(between(2s, 2s), {}, random, pacing) == 2s);
    CHECK(next_pause(between(0s, kForever), {}, random, pacing) >= 0s);
}

TEST_CASE("exponential() has the mean it was given and mostly short waits") {
    // Goal: the shape of an exponential distribution. Method: mean and share below the mean.
    RandomStream random(5, 6, 7);
    Pacing pacing;
    double sum = 0;
    int below_mean = 0;
    for (int i = 0; i < 100'000; ++i) {
        const nanoseconds wait = next_pause(exponential(2s), {}, random, pacing);
        REQUIRE(wait >= 0s);
        sum += std::chrono::duration<double>(wait).count();
        below_mean += wait < 2s ? 1 : 0;
    }
    CHECK(sum / 100'000 == doctest::Approx(2).epsilon(0.02));
    CHECK(below_mean / 100'000.0 == doctest::Approx(0.632).epsilon(0.02));
}

TEST_CASE("constant_pacing() waits for what the task has left of its period") {
    // Goal: starts are a period apart and lateness is not made up for. Method: Locust's formula,
    // call by call: tasks of 0.3 s, 1.5 s and 0.2 s, the last one woken 0.1 s late.
    RandomStream random;
    Pacing pacing{.last_call = at(10s), .last_wait = {}};
    CHECK(next_pause(constant_pacing(1s), at(10.3s), random, pacing) == 0.7s);
    CHECK(next_pause(constant_pacing(1s), at(12.5s), random, pacing) == 0s);
    CHECK(next_pause(constant_pacing(1s), at(12.7s), random, pacing) == 0.8s);
    CHECK(next_pause(constant_pacing(1s), at(13.8s), random, pacing) == 0.7s);
}

TEST_CASE("constant_throughput() is a pacing, and a number that is none becomes a negative time") {
    // Goal: the registry can complain of it. Method: 4 per second, 0, less, not a number.
    CHECK(constant_throughput(4).shortest == 250ms);
    CHECK(constant_throughput(4).kind == WaitTime::Kind::Pacing);
    for (const double wrong : {0.0, -1.0, 0.0 / 0.0}) {
        CHECK(constant_throughput(wrong).shortest == kInherited);
    }
    CHECK(constant_throughput(1e-300).shortest > 100'000h);
}
