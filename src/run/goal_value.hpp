// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "run/goals.hpp"
#include "run/snapshot.hpp"

namespace cicada::run {

/// What a threshold compares with its limit, or why there is nothing to compare.
struct GoalValue {
    enum class Kind : std::uint8_t { Time, Ratio, PerSecond, Number };

    std::optional<double> value{};  ///< in nanoseconds if it is a time, of 1 if it is a ratio
    Kind kind = Kind::Number;
    std::string why_not{};
};

/// As it stands in `snapshot`, of which the statistics, the limits, the arrivals and the time that
/// has passed are read.
[[nodiscard]] GoalValue value_of(const Goal& goal, const Snapshot& snapshot);

}  // namespace cicada::run
