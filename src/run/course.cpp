// SPDX-License-Identifier: Apache-2.0
#include "run/course.hpp"

#include "run/shape_driver.hpp"

namespace cicada::run {

Course course_of(const user::LoadPlan& plan, const std::vector<std::string>& class_names) {
    Course course{.name = plan.name, .stages = {}};
    for (const Stage& stage : plan.stages) {
        course.stages.push_back(
            {.duration = stage.duration.nanoseconds(),
             .aim = {.users = stage.users,
                     .spawn_rate = stage.spawn_rate,
                     .classes = indices_of(stage.user_classes, class_names).value()}});
    }
    return course;
}

}  // namespace cicada::run
