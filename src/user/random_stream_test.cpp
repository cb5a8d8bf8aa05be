// SPDX-License-Identifier: Apache-2.0
#include "user/random_stream.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cicada/random.hpp>
#include <set>
#include <stdexcept>

using cicada::user::RandomStream;

TEST_CASE("a stream repeats, and differs for each seed, user and iteration") {
    // Goal: a run can be repeated, and its users are not alike. Method: the first numbers of
    // 3 x 30 x 30 streams are all different.
    CHECK(RandomStream(1, 2, 3).next() == RandomStream(1, 2, 3).next());
    std::set<std::uint64_t> first;
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        for (std::uint64_t user = 0; user < 30; ++user) {
            for (std::uint64_t i = 0; i < 30; ++i) first.insert(RandomStream(seed, user, i).next());
        }
    }
    CHECK(first.size() == 2700);
}

TEST_CASE("below() is uniform, also over the first numbers of many streams") {
    // Goal: choices follow their weights. Method: one draw from each of 60,000 streams.
    std::array<int, 6> counts{};
    for (std::uint64_t i = 0; i < 60'000; ++i) ++counts.at(RandomStream(7, 11, i).below(6));
    for (const int count : counts) CHECK(count == doctest::Approx(10'000).epsilon(0.04));
}

TEST_CASE("random_int() includes both ends and the whole range of its type") {
    // Goal: no bias and no overflow at the ends. Method: a die, one number, all numbers.
    std::array<int, 7> seen{};
    for (int i = 0; i < 1'000; ++i) ++seen.at(static_cast<std::size_t>(cicada::random_int(1, 6)));
    CHECK(seen[0] == 0);
    for (std::size_t face = 1; face <= 6; ++face) CHECK(seen.at(face) > 100);
    CHECK(cicada::random_int(5, 5) == 5);
    (void)cicada::random_int(INT64_MIN, INT64_MAX);
    CHECK(cicada::random_int(INT64_MAX - 1, INT64_MAX) >= INT64_MAX - 1);
    CHECK_THROWS_WITH_AS(cicada::random_int(2, 1),
                         "random_int(2, 1): there is no such number",
                         std::invalid_argument);
    CHECK_THROWS_AS(cicada::random_choice<int>({}), std::invalid_argument);
    CHECK(cicada::random_choice({7}) == 7);
}

TEST_CASE("random_fraction() stays below 1") {
    // Goal: half-open. Method: 100,000 draws and their mean.
    double sum = 0;
    for (int i = 0; i < 100'000; ++i) {
        const double drawn = cicada::random_fraction();
        REQUIRE(drawn >= 0);
        REQUIRE(drawn < 1);
        sum += drawn;
    }
    CHECK(sum / 100'000 == doctest::Approx(0.5).epsilon(0.01));
}
