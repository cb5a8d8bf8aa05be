// SPDX-License-Identifier: Apache-2.0
#include "run/arrival_schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/test_power.hpp"

namespace cicada::run {
namespace {

using std::chrono::nanoseconds;

/// Planned starts in seconds, those before `end_s`.
std::vector<double> starts(const ArrivalRate& rate,
                           double end_s,
                           std::uint64_t seed = 1,
                           std::optional<std::uint64_t> limit = {}) {
    std::vector<double> seconds;
    for (ArrivalSchedule schedule(rate, seed, limit); schedule.planned(); schedule.advance()) {
        const double at = std::chrono::duration<double>(*schedule.planned()).count();
        if (at >= end_s) break;
        seconds.push_back(at);
    }
    return seconds;
}

void check_near(const std::vector<double>& found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t index = 0; index < found.size(); ++index) {
        CHECK(std::abs(found[index] - expected[index]) < 1e-8);
    }
}

TEST_CASE("a constant rate is an even row, exact in number") {
    // Goal: 10 per second are 0, 0.1, 0.2, ...; 20,000 per second for half an hour are 36 million,
    // the last one at its nanosecond. Method: count, and look at the last.
    check_near(starts(10, 0.45), {0, 0.1, 0.2, 0.3, 0.4});
    CHECK(starts(20'000, 10).size() == 200'000);
    CHECK(starts(0.5, 60).size() == 30);
    constexpr std::uint64_t kLast = 3'600'000 * base::kTestPower - 1;
    ArrivalSchedule half_an_hour(20'000, 1);
    while (half_an_hour.number() < kLast) half_an_hour.advance();
    CHECK(half_an_hour.planned() == nanoseconds(50'000) * kLast);
}

TEST_CASE("a ramp brings the area below it") {
    // Goal: arrival n stands where n have been due. Method: 0 to 10 per second in 10 s are 50, the
    // n-th at sqrt(2 n); then 10 per second; and a ramp down to nothing.
    const auto up = starts(ramp(0, 10).over(10s), 12);
    REQUIRE(up.size() == 70);
    for (std::size_t n = 0; n < 50; ++n) {
        CHECK(std::abs(up[n] - std::sqrt(2.0 * static_cast<double>(n))) < 1e-8);
    }
    CHECK(up[50] == doctest::Approx(10));
    CHECK(up[69] == doctest::Approx(11.9));
    const auto down = starts(ramp(10, 0).over(10s), 1e6);
    CHECK(down.size() == 50);
    CHECK(down.back() == doctest::Approx(10 - std::sqrt(2.0)));
}

TEST_CASE("steps, and steps of nothing") {
    // Goal: each step has its number; a rate of zero brings nobody, first, between and last.
    // Method: nobody, two per second, nobody, four per second, nobody.
    const ArrivalRate rate = steps({{.rate = 0, .duration = 5s},
                                    {.rate = 2, .duration = 2s},
                                    {.rate = 0, .duration = 3s},
                                    {.rate = 4, .duration = 1s},
                                    {.rate = 0}});
    check_near(starts(rate, 1e6), {5, 5.5, 6, 6.5, 10, 10.25, 10.5, 10.75});
}

TEST_CASE("a limit ends it") {
    // Goal: .iterations(7) are seven. Method: count, for each kind.
    CHECK(starts(10, 1e6, 1, 7).size() == 7);
    CHECK(starts(poisson(10), 1e6, 1, 7).size() == 7);
    CHECK(starts(10, 1e6, 1, 0).empty());
}

TEST_CASE("poisson gaps are exponential, and follow a changing rate") {
    // Goal: mean and spread of the gaps; a ramp's halves get their share; the seed decides.
    // Method: 100,000 gaps at 1,000 per second: mean 1 ms within 1 %, standard deviation likewise,
    // the part above 1 ms is 1/e.
    const auto found = starts(poisson(1'000), 100, 42);
    REQUIRE(std::abs(static_cast<double>(found.size()) - 100'000) < 1'500);
    CHECK(std::is_sorted(found.begin(), found.end()));
    double squares = 0;
    double above = 0;
    for (std::size_t index = 1; index < found.size(); ++index) {
        const double gap = found[index] - found[index - 1];
        squares += gap * gap;
        above += gap > 0.001 ? 1 : 0;
    }
    const auto count = static_cast<double>(found.size());
    CHECK(squares / count == doctest::Approx(2e-6).epsilon(0.03));
    CHECK(above / count == doctest::Approx(std::exp(-1)).epsilon(0.02));
    const auto ramped = starts(poisson(ramp(0, 2'000).over(100s)), 100, 42);
    const auto half = std::lower_bound(ramped.begin(), ramped.end(), 50.0) - ramped.begin();
    CHECK(static_cast<double>(half) == doctest::Approx(25'000).epsilon(0.03));
    CHECK(starts(poisson(1'000), 1, 42) == starts(poisson(1'000), 1, 42));
    CHECK(starts(poisson(1'000), 1, 42) != starts(poisson(1'000), 1, 43));
}

TEST_CASE("rates and sums without going through all arrivals") {
    // Goal: what a dry run shows is what comes. Method: against the starts themselves.
    const ArrivalRate rate = ramp(0, 100).over(10s);
    const ArrivalSchedule schedule(rate, 1);
    CHECK(schedule.rate_at(5s) == doctest::Approx(50));
    CHECK(schedule.rate_at(100s) == doctest::Approx(100));
    for (int second = 1; second < 30; ++second) {
        const auto count = static_cast<double>(starts(rate, second).size());
        CHECK(std::abs(schedule.due_by(std::chrono::seconds(second)) - count) <= 1);
    }
    const ArrivalSchedule limited(10, 1, 25);
    CHECK(limited.due_by(10s) == 25);
    CHECK(limited.rate_at(1s) == 10);
    CHECK(limited.rate_at(3s) == 0);
}

}  // namespace
}  // namespace cicada::run
