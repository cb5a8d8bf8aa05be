// SPDX-License-Identifier: Apache-2.0
#include "run/spawn_plan.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cicada::run {
namespace {

using Counts = std::vector<std::int64_t>;

struct Ramp {
    std::int64_t target;
    double spawn_rate;
    std::int64_t step_size;
    double pause_seconds;
    std::vector<Counts> states;  ///< users per class after each step
};

struct Vector {
    std::string name;
    std::vector<ClassShare> classes;
    std::vector<Ramp> ramps;
};

// Recorded from Locust's UsersDispatcher, summed over its workers: the choice of the class does not
// depend on them.
const std::vector<Vector> kVectors = {
    {"3x3 ramp 9 @0.5",
     {{"User1"}, {"User2"}, {"User3"}},
     {{9,
       0.5,
       1,
       2.0,
       {{1, 0, 0},
        {1, 1, 0},
        {1, 1, 1},
        {2, 1, 1},
        {2, 2, 1},
        {2, 2, 2},
        {3, 2, 2},
        {3, 3, 2},
        {3, 3, 3}}}}},
    {"3x3 ramp 9 @2",
     {{"User1"}, {"User2"}, {"User3"}},
     {{9, 2, 2, 1.0, {{1, 1, 0}, {2, 1, 1}, {2, 2, 2}, {3, 3, 2}, {3, 3, 3}}}}},
    {"3x3 ramp 9 @2.4",
     {{"User1"}, {"User2"}, {"User3"}},
     {{9, 2.4, 2, 0.8333333333333334, {{1, 1, 0}, {2, 1, 1}, {2, 2, 2}, {3, 3, 2}, {3, 3, 3}}}}},
    {"up down up weighted",
     {{"A", 3}, {"B", 1}},
     {{10, 4, 4, 1.0, {{3, 1}, {6, 2}, {7, 3}}},
      {4, 3, 3, 1.0, {{5, 2}, {3, 1}}},
      {6, 10, 10, 1.0, {{5, 1}}},
      {6, 10, 10, 1.0, {{5, 1}}}}},
    {"fixed first",
     {{"User1", 1, 2}, {"User2"}, {"User3"}},
     {{10, 3, 3, 1.0, {{2, 1, 0}, {2, 2, 2}, {2, 4, 3}, {2, 4, 4}}},
      {3, 4, 4, 1.0, {{2, 2, 2}, {2, 1, 0}}},
      {10, 10, 10, 1.0, {{2, 5, 3}}}}},
    {"only fixed, target above sum",
     {{"F1", 1, 2}, {"F2", 1, 3}},
     {{9, 2, 2, 1.0, {{1, 1}, {2, 2}, {2, 3}}}}},
    {"ramp 100 @20",
     {{"U"}},
     {{100, 20, 20, 1.0, {{20}, {40}, {60}, {80}, {100}}}, {100, 20, 20, 1.0, {{100}}}}},
};

Counts counts_of(const SpawnPlan& plan) {
    Counts counts;
    for (std::size_t index = 0; index < plan.classes().size(); ++index) {
        counts.push_back(plan.planned(index));
    }
    return counts;
}

std::string started_names(const SpawnPlan& plan, const SpawnStep& step) {
    std::string names;
    for (const PlannedUser& user : step.start) names += plan.classes()[user.class_index].name;
    return names;
}

TEST_CASE("the plan ramps as Locust's dispatcher does") {
    // Goal: classes, steps and pauses are Locust's, up and down, with fixed counts.
    // Method: vectors recorded from Locust itself.
    for (const Vector& vector : kVectors) {
        CAPTURE(vector.name);
        SpawnPlan plan(vector.classes);
        for (const Ramp& ramp : vector.ramps) {
            plan.aim(ramp.target, ramp.spawn_rate);
            CHECK(plan.step_size() == ramp.step_size);
            CHECK(std::chrono::duration<double>(plan.pause()).count() ==
                  doctest::Approx(ramp.pause_seconds));
            std::vector<Counts> states;
            while (plan.next_step()) states.push_back(counts_of(plan));
            CHECK(states == ramp.states);
            CHECK(plan.complete());
        }
    }
}

TEST_CASE("users go in the reverse of the order they came") {
    // Goal: a ramp-down takes the users started last, by their numbers; the class sequence goes on
    // afterwards, and nobody gets a number that was given before.
    // Method: A3 B1 gives A B A A A B ...; take three away and look at the next two.
    SpawnPlan plan({{"A", 3}, {"B", 1}});
    plan.aim(6, 10);
    CHECK(started_names(plan, plan.next_step().value()) == "ABAAAB");
    plan.aim(3, 10);
    CHECK(plan.next_step().value().stop == Counts{5, 4, 3});
    CHECK(plan.planned(0) == 2);
    plan.aim(5, 10);
    const SpawnStep step = plan.next_step().value();
    CHECK(started_names(plan, step) == "AA");
    CHECK(step.start.front() == PlannedUser{0, 6});
    CHECK(step.start.back() == PlannedUser{0, 7});
}

TEST_CASE("missing users of a fixed count are refilled before any other") {
    // Goal: after a ramp-down that took fixed users, the next ones are theirs.
    // Method: one fixed user stands first; a ramp to zero takes it, a ramp up must bring it first.
    SpawnPlan plan({{"Fixed", 1, 1}, {"Other"}});
    plan.aim(3, 10);
    CHECK(started_names(plan, plan.next_step().value()) == "FixedOtherOther");
    plan.aim(0, 10);
    CHECK(plan.next_step().value().stop.size() == 3);
    plan.aim(2, 10);
    CHECK(started_names(plan, plan.next_step().value()) == "FixedOther");
}

TEST_CASE("rates from one user in a month to a million a second") {
    // Goal: no rate overflows a pause or makes an empty step.
    // Method: the extremes.
    SpawnPlan plan({{"A"}});
    plan.aim(2, 1e-300);
    CHECK(plan.step_size() == 1);
    CHECK(plan.pause() == std::chrono::seconds(1'000'000'000));
    plan.aim(1'000'000, 1e6);
    CHECK(plan.step_size() == 1'000'000);
    CHECK(plan.next_step().value().start.size() == 1'000'000);
    CHECK_FALSE(plan.next_step().has_value());
    plan.aim(5, 1e300);
    CHECK(plan.step_size() == 1'000'000'000'000'000);
}

TEST_CASE("a target of zero users is complete at once") {
    // Goal: an empty ramp still reports its end.
    // Method: aim at nothing.
    SpawnPlan plan({{"A"}});
    plan.aim(0, 1);
    const auto step = plan.next_step();
    REQUIRE(step.has_value());
    CHECK(step->start.empty());
    CHECK(step->stop.empty());
    CHECK(plan.complete());
}

}  // namespace
}  // namespace cicada::run
