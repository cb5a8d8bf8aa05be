// SPDX-License-Identifier: Apache-2.0
#include "user/load_plan.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "user/registry.hpp"

namespace cicada {

LoadShape::~LoadShape() = default;

Duration LoadShape::run_time() const {
    return now_.nanoseconds() - zero_.nanoseconds();
}

void LoadShape::reset_time() {
    zero_ = now_;
}

Declared stages(std::initializer_list<Stage> stages, const detail::Place& place) {
    return cicada::stages(std::vector<Stage>(stages), place);
}

Declared stages(const std::vector<Stage>& stages, const detail::Place& place) {
    user::Registry& registry = user::registry();
    registry.expect_unsealed("stages()", place);
    if (stages.empty()) registry.complain(place, "stages() needs a stage at least");
    std::size_t number = 0;
    for (const Stage& stage : stages) {
        ++number;
        if (stage.duration <= Duration{}) {
            registry.complain(
                place,
                fmt::format("stage {}: .duration is {} s, but has to be above 0; it is the time "
                            "of this stage alone",
                            number,
                            stage.duration.seconds()));
        }
        if (const auto why = user::complaint_about_load(stage.users, stage.spawn_rate)) {
            registry.complain(place, fmt::format("stage {}: {}", number, *why));
        }
    }
    registry.add_load_plan({.place = place, .name = "stages()", .stages = stages});
    return {};
}

namespace detail {

// Only its address is looked at: see no_task_options.
const LoadShapeOptions no_load_shape_options;

Declared declare_shape(const ShapeInfo& shape,
                       const LoadShapeOptions& options,
                       const Place& place) {
    user::registry().expect_unsealed(fmt::format("load_shape<{}>()", shape.name), place);
    const bool said = &options != &no_load_shape_options;
    user::registry().add_load_plan({.place = place,
                                    .name = fmt::format("load shape {}", shape.name),
                                    .create = shape.create,
                                    .use_common_options = said && options.use_common_options});
    return {};
}

}  // namespace detail
}  // namespace cicada

namespace cicada::user {

std::optional<std::string> complaint_about_load(std::int64_t users, double spawn_rate) {
    if (users < 0 || users > kMostUsers) {
        return fmt::format("the number of users is {}, but has to be 0 to {}", users, kMostUsers);
    }
    if (!std::isfinite(spawn_rate) || spawn_rate <= 0) {
        return fmt::format("the spawn rate is {}, but has to be above 0", spawn_rate);
    }
    return std::nullopt;
}

ShapeAccess::ShapeAccess(const LoadPlan& plan, const CommonOptions& options)
    : shape_(plan.create()) {
    shape_->common_options_ = options;
}

std::optional<Tick> ShapeAccess::tick(Duration since_start, std::int64_t user_count) {
    shape_->now_ = since_start;
    shape_->user_count_ = user_count;
    return shape_->tick();
}

}  // namespace cicada::user
