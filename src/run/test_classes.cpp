// SPDX-License-Identifier: Apache-2.0
#include "run/test_classes.hpp"

#include <algorithm>

namespace cicada::run {
namespace {

void sort_by_name(std::vector<const user::Declaration*>& classes) {
    std::sort(classes.begin(), classes.end(), [](const auto* one, const auto* other) {
        return one->name < other->name;
    });
}

}  // namespace

TestClasses test_classes(const std::vector<const user::Declaration*>& classes,
                         bool each_task_once) {
    TestClasses sorted;
    for (const user::Declaration* const one : classes) {
        const bool has_pool = one->arrivals && !each_task_once;
        (has_pool ? sorted.pooled : sorted.planned).push_back(one);
    }
    sort_by_name(sorted.planned);
    sort_by_name(sorted.pooled);
    return sorted;
}

std::vector<const user::Declaration*> TestClasses::all() const {
    std::vector<const user::Declaration*> all = planned;
    all.insert(all.end(), pooled.begin(), pooled.end());
    return all;
}

std::vector<ClassShare> TestClasses::shares() const {
    std::vector<ClassShare> shares;
    for (const user::Declaration* const one : planned) {
        shares.push_back({one->name, one->weight, one->fixed_count});
    }
    return shares;
}

std::vector<std::string> TestClasses::planned_names() const {
    std::vector<std::string> names;
    for (const user::Declaration* const one : planned) names.push_back(one->name);
    return names;
}

MostUsers TestClasses::most_users(std::int64_t asked_for, const Course& course) const {
    MostUsers most;
    if (!planned.empty()) most.asked_for = course.stages.empty() ? asked_for : 0;
    for (const StagePlan& stage : course.stages) {
        most.asked_for = std::max(most.asked_for, stage.aim.users);
    }
    for (const user::Declaration* const one : pooled) most.of_arrivals += one->arrivals->max_users;
    return most;
}

void TestClasses::prepare(MachineOptions& options, const user::LoadPlan* plan) const {
    options.arrival_classes.clear();
    for (const user::Declaration* const one : pooled) options.arrival_classes.push_back(one->name);
    if (plan != nullptr) options.course = course_of(*plan, planned_names());
}

}  // namespace cicada::run
