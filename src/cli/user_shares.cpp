// SPDX-License-Identifier: Apache-2.0
#include "cli/user_shares.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "run/spawn_plan.hpp"

namespace cicada::cli {
namespace {

constexpr std::int64_t kUnsaid = 1;  // what a run starts with when nobody says how many

std::map<std::string, double> planned(const std::vector<run::ClassShare>& shares,
                                      std::int64_t users) {
    run::SpawnPlan plan(shares);
    plan.aim(users, static_cast<double>(std::max<std::int64_t>(users, 1)));
    while (plan.next_step()) {
    }
    std::map<std::string, double> counts;
    for (std::size_t index = 0; index < plan.classes().size(); ++index) {
        counts[plan.classes()[index].name] = static_cast<double>(plan.planned(index));
    }
    return counts;
}

}  // namespace

std::vector<double> users_of_classes(const std::vector<const user::Declaration*>& classes,
                                     std::optional<std::int64_t> users) {
    std::vector<run::ClassShare> shares;
    std::map<std::string, double> counts;
    bool any_fixed = false;
    for (const user::Declaration* const one : classes) {
        if (one->arrivals) continue;
        shares.push_back({one->name, one->weight, one->fixed_count});
        counts[one->name] = one->weight;
        any_fixed = any_fixed || one->fixed_count > 0;
    }
    if (users || any_fixed) counts = planned(shares, users.value_or(kUnsaid));
    std::vector<double> found;
    for (const user::Declaration* const one : classes) {
        found.push_back(one->arrivals ? 0 : counts.at(one->name));
    }
    return found;
}

}  // namespace cicada::cli
