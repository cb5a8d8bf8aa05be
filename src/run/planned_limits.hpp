// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/test_classes.hpp"
#include "user/limit_progress.hpp"

namespace cicada::run {

/// A limit of a test before the test has run, and who will use it up.
struct PlannedLimit {
    std::string name{};  ///< as LimitProgress
    user::LimitKind kind = user::LimitKind::Executions;
    std::int64_t total = 0;

    /// Of TestClasses::pooled: each of their arrivals takes one. None: how fast it is used up
    /// follows from the code and the target, not from the plan.
    std::vector<std::size_t> pools{};

    [[nodiscard]] bool is_planned() const { return !pools.empty(); }
};

/// Every limit that can be reached, the whole test's (`iterations`) first, then by class.
[[nodiscard]] std::vector<PlannedLimit> planned_limits(const TestClasses& classes,
                                                       std::optional<std::int64_t> iterations);

}  // namespace cicada::run
