// SPDX-License-Identifier: Apache-2.0
#include "run/test_classes.hpp"

#include <doctest/doctest.h>

#include <cicada/arrivals.hpp>
#include <cicada/users.hpp>

#include "user/registry.hpp"

namespace cicada::run {
namespace {

class Shopper : public User {
public:
    void task() {}
};
class Buyer : public Shopper {};
class Admin : public Shopper {};

TEST_CASE("the most users are those asked for, or of the largest stage, and those of all pools") {
    // Goal: what a test may need of the machine is known before it starts.
    // Method: a number, stages, pools beside and without other users.
    user::registry().clear();
    users<Shopper>().task<&Shopper::task>();
    arrivals<Buyer>(5).max_users(300).task<&Buyer::task>();
    arrivals<Admin>(5).max_users(20).task<&Admin::task>();
    std::vector<const user::Declaration*> all;
    for (const auto& one : user::registry().declarations()) all.push_back(one.get());
    const auto most = [&](const std::vector<const user::Declaration*>& classes,
                          const Course& course,
                          bool once = false) {
        const MostUsers found = test_classes(classes, once).most_users(7, course);
        return std::pair(found.asked_for, found.of_arrivals);
    };
    const Course stages{"stages", {{std::chrono::seconds(1), {50, 1}}, {{}, {9, 1}}}};
    CHECK(most(all, {}) == std::pair<std::int64_t, std::int64_t>(7, 320));
    CHECK(most(all, stages) == std::pair<std::int64_t, std::int64_t>(50, 320));
    CHECK(most({all[1]}, {}) == std::pair<std::int64_t, std::int64_t>(0, 300));
    CHECK(most(all, {}, true) == std::pair<std::int64_t, std::int64_t>(7, 0));
    user::registry().clear();
}

}  // namespace
}  // namespace cicada::run
