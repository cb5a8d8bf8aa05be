// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "run/stage_course.hpp"
#include "user/load_plan.hpp"

namespace cicada::run {

/// Asks the load shape of one test, and makes of its answer what a machine can aim at.
class ShapeDriver {
public:
    /// How often it is asked. Source: Locust, runners.py, shape_worker().
    static constexpr std::chrono::seconds kPeriod{1};

    /// `class_names` in the plan's order.
    ShapeDriver(const user::LoadPlan& plan,
                const CommonOptions& options,
                std::vector<std::string> class_names);

    /// What it wants now; nothing: the end of the test. Suspends if tick() does, and throws
    /// FiberCancelled, but nothing else.
    /// Error: what the shape threw, or why its tick cannot be.
    base::Result<std::optional<Aim>> ask(std::chrono::nanoseconds since_start,
                                         std::int64_t user_count);

private:
    [[nodiscard]] base::Result<Aim> aim_of(const Tick& tick) const;

    const user::LoadPlan& plan_;
    CommonOptions options_;
    std::vector<std::string> class_names_;
    std::optional<user::ShapeAccess> shape_;  ///< made by the first ask()
};

/// `names` as indices into `all`. Error: the first that is none of them.
[[nodiscard]] base::Result<std::vector<std::uint32_t>> indices_of(
    const Words& names, const std::vector<std::string>& all);

}  // namespace cicada::run
