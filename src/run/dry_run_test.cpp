// SPDX-License-Identifier: Apache-2.0
#include "run/dry_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cicada/arrivals.hpp>
#include <cicada/load_shape.hpp>
#include <cicada/users.hpp>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "user/load_plan.hpp"
#include "user/registry.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

class Shopper : public User {
public:
    Shopper() { throw std::logic_error("no user is made in a dry run"); }
    void browse() {}
};

class Hour : public LoadShape {
public:
    std::optional<Tick> tick() override {
        if (run_time() >= Duration(1h)) return std::nullopt;
        return Tick{.users = 1 + static_cast<std::int64_t>(run_time().seconds() / 60),
                    .spawn_rate = 10};
    }
};

class Broken : public LoadShape {
public:
    std::optional<Tick> tick() override {
        if (run_time() >= Duration(10s)) throw std::runtime_error("no idea");
        return Tick{.users = 5};
    }
};

DryRun rehearse(DryRunOptions options) {
    user::registry().seal();
    options.load_plan = user::registry().load_plan();
    std::vector<const user::Declaration*> classes;
    for (const auto& declaration : user::registry().declarations()) {
        classes.push_back(declaration.get());
    }
    auto run = dry_run(classes, options);
    user::registry().clear();
    REQUIRE(run);
    return *run;
}

void declare_shopper() {
    user::registry().clear();
    users<Shopper>().task<&Shopper::browse>();
}

TEST_CASE("a ramp and a run time") {
    // Goal: users over time as the run would have them; nobody is made. Method: 100 at 10 per
    // second, 30 s.
    declare_shopper();
    const DryRun run = rehearse({.target = {.users = 100, .spawn_rate = 10, .run_time = 30s}});
    CHECK(run.has_end);
    CHECK(run.duration == 30s);
    CHECK(run.most_users == 100);
    CHECK(run.most_users_at == 9s);
    REQUIRE(run.points.size() == 31);  // a round time from one to the next
    CHECK(run.points[1].at == 1s);
    CHECK(run.points.front().users == 10);
    CHECK(run.points.back().at == 30s);
    CHECK(run.points.back().users == 100);
    for (std::size_t index = 1; index < run.points.size(); ++index) {
        CHECK(run.points[index].users >= run.points[index - 1].users);
    }
}

TEST_CASE("a test without an end is followed until nothing changes") {
    // Goal: no endless dry run. Method: a ramp of 9 s and no run time; then arrivals beside it
    // whose rate changes for 60 s.
    declare_shopper();
    DryRun run = rehearse({.target = {.users = 10, .spawn_rate = 1}});
    CHECK_FALSE(run.has_end);
    CHECK(run.duration == 9s);
    declare_shopper();
    arrivals<Shopper>(ramp(0, 50).over(1min)).name("Buyer").task<&Shopper::browse>();
    run = rehearse({.target = {.users = 10, .spawn_rate = 1}});
    CHECK_FALSE(run.has_end);
    CHECK(run.duration == 60s);
    REQUIRE(run.pools.size() == 1);
    CHECK(run.pools[0].planned == 1500);
    CHECK(run.pools[0].highest_rate == doctest::Approx(50));
}

TEST_CASE("stages, to the end, by name") {
    // Goal: the course is shown, and only the classes that a stage names are added.
    // Method: two classes, three stages.
    declare_shopper();
    users<Shopper>().name("Admin").task<&Shopper::browse>();
    stages({{.duration = 20s, .users = 10, .spawn_rate = 10},
            {.duration = 10s, .users = 16, .spawn_rate = 10, .user_classes = {"Admin"}},
            {.duration = 10s, .users = 0, .spawn_rate = 10}});
    const DryRun run = rehearse({});
    CHECK(run.has_end);
    CHECK(run.duration == 40s);
    CHECK(run.classes == std::vector<std::string>{"Admin", "Shopper"});
    CHECK(run.most_users == 16);
    CHECK(run.points.front().course == "stage 1 of 3");
    CHECK(run.points.back().course == "stage 3 of 3");
    CHECK(run.points.back().users == 0);
    const auto late = std::find_if(
        run.points.begin(), run.points.end(), [](const auto& point) { return point.at > 25s; });
    REQUIRE(late != run.points.end());
    CHECK(late->of_class == std::vector<std::int64_t>{11, 5});
}

TEST_CASE("a load shape is asked as in a test, in no time") {
    // Goal: an hour of ticks, its end, and what would give the test up.
    // Method: a shape of an hour; one that throws after 10 s; one that never ends, for a week.
    declare_shopper();
    load_shape<Hour>();
    DryRun run = rehearse({});
    CHECK(run.has_end);
    CHECK(run.duration == 1h);
    CHECK(run.most_users == 60);
    CHECK(run.given_up.empty());
    declare_shopper();
    load_shape<Broken>();
    run = rehearse({});
    CHECK(run.duration == 10s);
    CHECK(run.given_up == "load shape Broken: tick() threw std::runtime_error: no idea");
}

TEST_CASE("arrivals alone end with the last one") {
    // Goal: a limited number ends the test. Method: 1,000 at 100 per second; with users beside
    // them nothing ends.
    user::registry().clear();
    arrivals<Shopper>(100).iterations(1000).max_users(7).task<&Shopper::browse>();
    DryRun run = rehearse({.target = {.users = 50}});
    CHECK(run.has_end);
    CHECK(run.duration > 9.9s);
    CHECK(run.duration < 10.1s);
    CHECK(run.pools[0].planned == 1000);
    CHECK(run.pools[0].max_users == 7);
    CHECK(run.classes.empty());
    CHECK(run.most_users == 0);
    declare_shopper();
    arrivals<Shopper>(100).name("Buyer").iterations(1000).task<&Shopper::browse>();
    run = rehearse({.target = {.users = 1}});
    CHECK_FALSE(run.has_end);
    user::registry().clear();
    arrivals<Shopper>(100).iterations(1000).task<&Shopper::browse>();
    arrivals<Shopper>(5).name("Endless").task<&Shopper::browse>();
    run = rehearse({});
    CHECK_FALSE(run.has_end);
    CHECK(run.duration < 10.1s);
}

TEST_CASE("limits whose arrivals are planned are known, the others are named") {
    // Goal: what the plan tells, and no more. Method: a limit on the one task of an open model,
    // with
    //   .iterations beyond it; limits of a closed model and of one of two tasks.
    user::registry().clear();
    arrivals<Shopper>(ramp(0, 100).over(10s))
        .iterations(5000)
        .task<&Shopper::browse>({.limit = 1500, .request_limit = 9});
    DryRun run = rehearse({});
    REQUIRE(run.limits.size() == 3);
    CHECK(run.limits[0].end.name == "Shopper");
    CHECK(run.limits[0].end.kind == user::LimitKind::Iterations);
    CHECK(run.limits[0].end.done == 1500);
    CHECK_FALSE(run.limits[0].reached_at);
    CHECK(run.limits[1].end.name == "Shopper.browse");
    CHECK(run.limits[1].end.kind == user::LimitKind::Executions);
    CHECK(run.limits[1].end.done == 1500);
    REQUIRE(run.limits[1].reached_at);  // 500 by the ramp, 1,000 more in 10 s
    CHECK(std::abs(*run.limits[1].reached_at / 1ms - 20'000) <= 10);
    CHECK(run.limits[2].end.kind == user::LimitKind::Requests);
    CHECK_FALSE(run.limits[2].is_known);
    CHECK(run.has_end);
    CHECK(run.duration > 19.9s);
    CHECK(run.duration < 20.1s);
    CHECK(run.pools[0].planned == 1500);
    const auto middle = std::find_if(
        run.points.begin(), run.points.end(), [](const auto& point) { return point.at == 10s; });
    REQUIRE(middle != run.points.end());
    CHECK(middle->limits == std::vector<std::int64_t>{500, 500, 0});

    declare_shopper();
    users<Shopper>().name("Limited").iterations(7).iterations_per_user(2).task<&Shopper::browse>();
    arrivals<Shopper>(10)
        .name("Buyer")
        .task<&Shopper::browse>({.limit = 3})
        .task("other", [](Shopper&) {}, {.limit_per_user = 4});
    run = rehearse({.target = {.run_time = 10s}, .iterations = 100});
    REQUIRE(run.limits.size() == 5);
    CHECK(run.limits[0].end.name == "all tasks");
    CHECK(run.limits[1].end.name == "Limited");
    CHECK(run.limits[2].end.kind == user::LimitKind::IterationsPerUser);
    CHECK(run.limits[3].end.name == "Buyer.browse");
    CHECK(run.limits[4].end.kind == user::LimitKind::ExecutionsPerUser);
    for (const DryRun::Limit& limit : run.limits) CHECK_FALSE(limit.is_known);
}

TEST_CASE("a limit on the whole test ends arrivals of all classes") {
    // Goal: what several classes use up together. Method: 300 of 10 and 20 per second, 10 s.
    user::registry().clear();
    arrivals<Shopper>(10).task<&Shopper::browse>();
    arrivals<Shopper>(20).name("Buyer").task<&Shopper::browse>();
    const DryRun run = rehearse({.iterations = 300});
    REQUIRE(run.limits.size() == 1);
    REQUIRE(run.limits[0].reached_at);
    CHECK(std::abs(*run.limits[0].reached_at / 1ms - 10'000) <= 10);
    CHECK(run.has_end);
    CHECK(run.pools[0].planned + run.pools[1].planned == 300);
    CHECK(run.points.back().limits == std::vector<std::int64_t>{300});
}

TEST_CASE("a target that cannot be is refused") {
    // Goal: the run's own sentence. Method: a spawn rate of 0.
    declare_shopper();
    user::registry().seal();
    const auto run = dry_run({user::registry().declarations().front().get()},
                             {.target = {.users = 1, .spawn_rate = 0}});
    user::registry().clear();
    REQUIRE_FALSE(run);
    CHECK(run.error() == "the spawn rate is 0, but has to be above 0");
}

}  // namespace
}  // namespace cicada::run
