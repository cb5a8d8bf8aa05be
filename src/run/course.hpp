// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "run/stage_course.hpp"
#include "user/load_plan.hpp"

namespace cicada::run {

/// Whether somebody else than a person says how many users there are.
struct Course {
    std::string name{};               ///< "stages", "load shape Steps"; empty: nobody does
    std::vector<StagePlan> stages{};  ///< none for a shape, whose wishes come with the reports
};

/// Of a test that declares one. `class_names` in the plan's order, which knows every class that the
/// stages name.
[[nodiscard]] Course course_of(const user::LoadPlan& plan,
                               const std::vector<std::string>& class_names);

}  // namespace cicada::run
