// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace cicada::run {

/// When arrivals begin that are late, e.g. because the machine stood still for a moment: not all at
/// once, which would be a load nobody planned, but in their planned order at kSpeed times the
/// planned pace. Those in time are left alone, however near to each other they are planned.
///
/// A millisecond sees at most twice its share, but for what the plan itself brings closer together:
/// (1 ms + kAllowance) * kSpeed. Reads no clock.
class CatchUp {
public:
    static constexpr double kSpeed = 1.5;
    static constexpr std::chrono::microseconds kAllowance{333};  ///< made good without a pause

    void begin(base::TimePoint start) { earliest_ = start; }

    /// When an arrival planned for `planned` may begin.
    [[nodiscard]] base::TimePoint moment_for(base::TimePoint planned) const {
        return std::max(planned, earliest_);
    }

    /// One has begun `now`; the next is planned `gap` after it.
    void note_begun(base::TimePoint now, std::chrono::nanoseconds gap) {
        const std::chrono::nanoseconds pace(
            static_cast<std::int64_t>(static_cast<double>(gap.count()) / kSpeed));
        earliest_ = std::max(earliest_, now - kAllowance) + pace;
    }

private:
    base::TimePoint earliest_{};
};

}  // namespace cicada::run
