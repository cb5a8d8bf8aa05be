// SPDX-License-Identifier: Apache-2.0
#include "cluster/locust_users.hpp"

#include <doctest/doctest.h>

namespace cicada::cluster {
namespace {

using Numbers = std::vector<std::int64_t>;

TEST_CASE("absolute counts become users with numbers of their own") {
    // Goal: what is missing starts, what is too much stops, the last first; no number comes twice,
    //       on this worker or another. Method: up, down, up again, on the worker of index 2.
    LocustUsers users({"Buyer", "Looker"});
    users.begin(2);
    const run::SpawnStep up = users.step_to({{"Buyer", 2}, {"Looker", 1}});
    CHECK(up.start ==
          std::vector<run::PlannedUser>{{0, 20'000'000}, {0, 20'000'001}, {1, 20'000'002}});
    CHECK(up.stop.empty());
    const run::SpawnStep down = users.step_to({{"Buyer", 0}});
    CHECK(down.start.empty());
    CHECK(down.stop == Numbers{20'000'001, 20'000'000});
    const run::SpawnStep again = users.step_to({{"Buyer", 1}, {"Looker", 1}});
    CHECK(again.start == std::vector<run::PlannedUser>{{0, 20'000'003}});
    users.begin(0);
    CHECK(users.step_to({{"Looker", 1}}).start == std::vector<run::PlannedUser>{{1, 0}});
}

TEST_CASE("users on their way out are not counted as those that are wanted") {
    // Goal: a master that waits for its target is not told the old number.
    // Method: three of five are to go and have not gone; one of those that stay has ended.
    LocustUsers users({"Buyer", "Looker"});
    users.begin(0);
    (void)users.step_to({{"Buyer", 5}, {"Looker", 2}});
    (void)users.step_to({{"Buyer", 2}, {"Looker", 2}});
    CHECK(users.wanted_of({5, 1}) == ClassCounts{{"Buyer", 2}, {"Looker", 1}});
    CHECK(users.wanted_of({}) == ClassCounts{{"Buyer", 0}, {"Looker", 0}});
}

TEST_CASE("names that are no class of the test start nobody") {
    // Goal: they can be told of; a count of zero is nothing to tell. Method: one of each.
    LocustUsers users({"Buyer"});
    users.begin(0);
    const ClassCounts wanted{{"Buyer", 1}, {"Robber", 2}, {"Thief", 0}};
    CHECK(users.unknown(wanted) == std::vector<std::string>{"Robber"});
    CHECK(users.step_to(wanted).start.size() == 1);
}

}  // namespace
}  // namespace cicada::cluster
