// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "run/course.hpp"
#include "run/resources.hpp"
#include "run/run_machine.hpp"
#include "run/spawn_plan.hpp"
#include "user/declaration.hpp"
#include "user/load_plan.hpp"

namespace cicada::run {

/// The user classes of a test, in the order in which engine, machine and reports count them.
struct TestClasses {
    std::vector<const user::Declaration*> planned{};  ///< by name, as SpawnPlan takes them
    std::vector<const user::Declaration*> pooled{};   ///< of an open model; by name, after those

    [[nodiscard]] std::vector<const user::Declaration*> all() const;
    [[nodiscard]] std::vector<ClassShare> shares() const;  ///< of those planned
    [[nodiscard]] std::vector<std::string> planned_names() const;

    /// Of all classes, when so many are asked for; stages that say how many count instead.
    [[nodiscard]] MostUsers most_users(std::int64_t asked_for, const Course& course) const;

    /// Tells the machine who comes by a rate, and who says how many of the others there are:
    /// `plan`, or null: a person.
    void prepare(MachineOptions& options, const user::LoadPlan* plan) const;
};

/// `each_task_once`: as EngineOptions; users of an open model are then like any others.
[[nodiscard]] TestClasses test_classes(const std::vector<const user::Declaration*>& classes,
                                       bool each_task_once = false);

}  // namespace cicada::run
