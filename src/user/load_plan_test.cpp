// SPDX-License-Identifier: Apache-2.0
#include "user/load_plan.hpp"

#include <doctest/doctest.h>

#include <cicada/arrivals.hpp>
#include <cicada/users.hpp>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "user/registry.hpp"

using namespace cicada;

namespace {

class Shopper : public User {
public:
    void browse() {}
};

class Steps : public LoadShape {
public:
    std::optional<Tick> tick() override { return std::nullopt; }
};

/// A registry of its own, with a class of users.
struct FreshRegistry {
    FreshRegistry() {
        user::registry().clear();
        users<Shopper>().task<&Shopper::browse>();
    }
    ~FreshRegistry() { user::registry().clear(); }
    FreshRegistry(const FreshRegistry&) = delete;
    FreshRegistry& operator=(const FreshRegistry&) = delete;
};

/// The complaints, without their places.
std::vector<std::string> complaints() {
    std::vector<std::string> texts;
    for (const std::string& line : user::registry().check()) {
        texts.push_back(line.substr(line.find(": ") + 2));
    }
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("stages and shapes are kept as they were declared") {
    // Goal: all that the run needs. Method: one of each, and none.
    const FreshRegistry fresh;
    CHECK(user::registry().load_plan() == nullptr);
    stages({{.duration = 60s, .users = 100, .spawn_rate = 10},
            {.duration = 10s, .users = 5, .user_classes = {"Shopper"}}});
    CHECK(complaints().empty());
    const user::LoadPlan* plan = user::registry().load_plan();
    REQUIRE(plan != nullptr);
    CHECK_FALSE(plan->is_shape());
    REQUIRE(plan->stages.size() == 2);
    CHECK(plan->stages[0].users == 100);
    CHECK(plan->stages[1].spawn_rate == 1);

    user::registry().clear();
    load_shape<Steps>({.use_common_options = true});
    plan = user::registry().load_plan();
    REQUIRE(plan != nullptr);
    CHECK(plan->is_shape());
    CHECK(plan->name == "load shape Steps");
    CHECK(plan->use_common_options);
}

TEST_CASE("a test has one course of its load") {
    // Goal: two are a complaint that names both. Method: a shape and stages.
    const FreshRegistry fresh;
    load_shape<Steps>();
    stages({{.duration = 1s, .users = 1}});
    REQUIRE(complaints().size() == 1);
    const std::string text = complaints().front();
    CHECK(text.starts_with("stages(): there is load shape Steps at "));
    CHECK(text.ends_with(" already, and a test has one of them at most"));
}

TEST_CASE("stages that make no sense are complained of, each with its number") {
    // Goal: value and limit. Method: every field wrong, and no stage at all.
    const FreshRegistry fresh;
    stages({{.duration = 0s, .users = 1},
            {.duration = 1s, .users = -1},
            {.duration = 1s, .users = 1, .spawn_rate = 0},
            {.duration = 1s, .users = 1, .user_classes = {"Shoper"}}});
    CHECK(complaints() ==
          Texts{"stage 1: .duration is 0 s, but has to be above 0; it is the time of this stage "
                "alone",
                "stage 2: the number of users is -1, but has to be 0 to 10000000",
                "stage 3: the spawn rate is 0, but has to be above 0",
                "stage 4: no user class Shoper"});
    user::registry().clear();
    users<Shopper>().task<&Shopper::browse>();
    stages({});
    CHECK(complaints() == Texts{"stages() needs a stage at least"});
    user::registry().seal();
    CHECK_THROWS_AS(stages({{.duration = 1s}}), std::logic_error);
    CHECK_THROWS_AS(load_shape<Steps>(), std::logic_error);
}

TEST_CASE("arrivals are kept as they were declared") {
    // Goal: rate, pool and limit. Method: each builder once; the defaults of another.
    const FreshRegistry fresh;
    arrivals<Shopper>(poisson(ramp(0, 5000).over(2min)))
        .name("Buyer")
        .max_users(20, WhenFull::Drop)
        .iterations(7)
        .fresh()
        .task<&Shopper::browse>();
    arrivals<Shopper>(50).name("Other").task<&Shopper::browse>();
    CHECK(complaints().empty());
    const user::Declaration& buyer = *user::registry().find("Buyer");
    REQUIRE(buyer.arrivals.has_value());
    CHECK(buyer.arrivals->rate.poisson);
    REQUIRE(buyer.arrivals->rate.pieces.size() == 1);
    CHECK(buyer.arrivals->rate.pieces[0].to == 5000);
    CHECK(buyer.arrivals->rate.pieces[0].length == Duration(2min));
    CHECK(buyer.arrivals->max_users == 20);
    CHECK(buyer.arrivals->when_full == WhenFull::Drop);
    CHECK(buyer.arrivals->limit == 7);
    CHECK(buyer.arrivals->fresh);
    const user::Declaration& other = *user::registry().find("Other");
    CHECK(other.arrivals->rate.pieces[0].from == 50);
    CHECK(other.arrivals->max_users == 10'000);
    CHECK_FALSE(user::registry().find("Shopper")->arrivals.has_value());
}

TEST_CASE("arrivals that make no sense are complained of") {
    // Goal: value and limit. Method: every mistake.
    const auto why = [](const ArrivalRate& rate) {
        const FreshRegistry fresh;
        arrivals<Shopper>(rate).name("Buyer").task<&Shopper::browse>();
        const Texts texts = complaints();
        return texts.size() == 1 ? texts.front() : "not one complaint";
    };
    CHECK(why(-1) == "arrivals<Shopper>: a rate is -1 per second, but has to be 0 to 1000000");
    CHECK(why(std::numeric_limits<double>::quiet_NaN()) ==
          "arrivals<Shopper>: a rate is nan per second, but has to be 0 to 1000000");
    CHECK(why(2'000'000) ==
          "arrivals<Shopper>: a rate is 2000000 per second, but has to be 0 to 1000000");
    CHECK(why(0) == "arrivals<Shopper>: the rate is 0 all the time");
    CHECK(why(steps({})) == "arrivals<Shopper>: the rate is 0 all the time");
    CHECK(why(ramp(1, 2).over(0s)) ==
          "arrivals<Shopper>: a part of the rate lasts 0 s, but has to last longer than 0");
    CHECK(why(ramp(1, 2).over(kForever)) ==
          "arrivals<Shopper>: a ramp lasts for ever: how long? ramp(0, 5000).over(2min)");

    const FreshRegistry fresh;
    arrivals<Shopper>(1)
        .name("Buyer")
        .max_users(0)
        .iterations(-1)
        .wait_time(constant(1s))
        .task<&Shopper::browse>();
    CHECK(complaints() ==
          Texts{"arrivals<Buyer>: a wait time does nothing, the rate says when users come",
                "arrivals<Buyer>: .max_users(0) has to be 1 to 10000000",
                "arrivals<Buyer>: .iterations(-1) has to be 1 or more"});
}
