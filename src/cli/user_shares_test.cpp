// SPDX-License-Identifier: Apache-2.0
#include "cli/user_shares.hpp"

#include <doctest/doctest.h>

#include <cicada/arrivals.hpp>
#include <cicada/users.hpp>

#include "user/registry.hpp"

namespace cicada::cli {
namespace {

class Shopper : public User {
public:
    void task() {}
};
class Admin : public Shopper {};
class Buyer : public Shopper {};
class Editor : public Shopper {};

std::vector<double> counts(std::optional<std::int64_t> users) {
    std::vector<const user::Declaration*> classes;
    for (const auto& one : user::registry().declarations()) classes.push_back(one.get());
    return users_of_classes(classes, users);
}

using Counts = std::vector<double>;

TEST_CASE("users divide among classes as a run divides them") {
    // Goal: --show-task-ratio speaks of the run, odd numbers and fixed counts included.
    // Method: weights of 1 and 2, then a fixed count and arrivals beside them.
    user::registry().clear();
    users<Shopper>().weight(1).task<&Shopper::task>();
    users<Editor>().weight(2).task<&Editor::task>();
    CHECK(counts({}) == Counts{1, 2});
    CHECK(counts(3) == Counts{1, 2});
    CHECK(counts(4) == Counts{1, 3});
    CHECK(counts(1) == Counts{0, 1});
    users<Admin>().fixed_count(2).task<&Admin::task>();
    arrivals<Buyer>(5).task<&Buyer::task>();
    CHECK(counts(8) == Counts{2, 4, 2, 0});
    CHECK(counts(1) == Counts{0, 0, 1, 0});
    CHECK(counts({}) == Counts{0, 0, 1, 0});
    user::registry().clear();
}

}  // namespace
}  // namespace cicada::cli
