// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "run/snapshot.hpp"
#include "stats/threshold.hpp"

namespace cicada::run {

/// A threshold as the run judges it.
struct Goal {
    stats::Threshold threshold{};
    std::optional<stats::MetricKind> metric{};  ///< of its subject; nothing: requests, or the run
    bool abort_on_fail = false;
    std::chrono::nanoseconds warm_up{};  ///< no abort before so much of the test has passed
};

/// Error: why the threshold is not understood or can never be judged, without its text.
[[nodiscard]] base::Result<Goal> make_goal(std::string_view text,
                                           const std::vector<stats::MetricKey>& declared);

/// Each as it stands in `snapshot`. What has no value, such as the p95 of a name that was never
/// requested, is not passed.
[[nodiscard]] std::vector<GoalResult> judged(const std::vector<Goal>& goals,
                                             const Snapshot& snapshot);

[[nodiscard]] std::size_t missed(const std::vector<GoalResult>& results);

/// The first one that makes the test stop now: its warm-up is over, and it is missed for good.
/// Nothing: none. Shape: `results` are those of `goals`, in their order.
[[nodiscard]] const GoalResult* first_lost(const std::vector<Goal>& goals,
                                           const std::vector<GoalResult>& results,
                                           std::chrono::nanoseconds elapsed);

}  // namespace cicada::run
