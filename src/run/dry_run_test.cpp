// SPDX-License-Identifier: Apache-2.0
#include "run/dry_run.hpp"

#include <doctest/doctest.h>

#include <cicada/arrivals.hpp>
#include <cicada/load_shape.hpp>
#include <cicada/users.hpp>
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

TEST_CASE("a target that cannot be is refused") {
    // Goal: the run's own sentence. Method: a spawn rate of 0.
    declare_shopper();
    const auto run = dry_run({user::registry().declarations().front().get()},
                             {.target = {.users = 1, .spawn_rate = 0}});
    user::registry().clear();
    REQUIRE_FALSE(run);
    CHECK(run.error() == "the spawn rate is 0, but has to be above 0");
}

}  // namespace
}  // namespace cicada::run
