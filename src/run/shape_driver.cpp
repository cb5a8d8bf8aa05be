// SPDX-License-Identifier: Apache-2.0
#include "run/shape_driver.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cicada/fiber.hpp>
#include <utility>

#include "user/signals.hpp"

namespace cicada::run {

base::Result<std::vector<std::uint32_t>> indices_of(const Words& names,
                                                    const std::vector<std::string>& all) {
    std::vector<std::uint32_t> indices;
    for (const std::string& name : names) {
        const auto found = std::find(all.begin(), all.end(), name);
        if (found == all.end()) {
            return base::failure(
                fmt::format("there is no user class {}, but {}", name, fmt::join(all, ", ")));
        }
        indices.push_back(static_cast<std::uint32_t>(found - all.begin()));
    }
    std::sort(indices.begin(), indices.end());
    return indices;
}

ShapeDriver::ShapeDriver(const user::LoadPlan& plan,
                         const CommonOptions& options,
                         std::vector<std::string> class_names)
    : plan_(plan), options_(options), class_names_(std::move(class_names)) {}

base::Result<std::optional<Aim>> ShapeDriver::ask(std::chrono::nanoseconds since_start,
                                                  std::int64_t user_count) {
    std::optional<Tick> tick;
    try {
        if (!shape_) shape_.emplace(plan_, options_);
        tick = shape_->tick(since_start, user_count);
    } catch (const FiberCancelled&) {
        throw;
    } catch (...) {
        const user::Thrown thrown = user::thrown_now();
        return base::failure(
            fmt::format("{}: tick() threw {}: {}", plan_.name, thrown.type, thrown.text));
    }
    if (!tick) return std::optional<Aim>();
    auto aim = aim_of(*tick);
    if (!aim) return base::failure(fmt::format("{}: {}", plan_.name, aim.error()));
    return std::optional<Aim>(*std::move(aim));
}

base::Result<Aim> ShapeDriver::aim_of(const Tick& tick) const {
    if (auto why = user::complaint_about_load(tick.users, tick.spawn_rate)) {
        return base::failure(*std::move(why));
    }
    auto classes = indices_of(tick.user_classes, class_names_);
    if (!classes) return base::failure(classes.error());
    return Aim{tick.users, tick.spawn_rate, *std::move(classes)};
}

}  // namespace cicada::run
