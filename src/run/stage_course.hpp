// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace cicada::run {

/// What a ramp aims at.
struct Aim {
    std::int64_t users = 0;
    double spawn_rate = 1;                 ///< users per second, above 0
    std::vector<std::uint32_t> classes{};  ///< only these are added; empty: all of the plan

    friend bool operator==(const Aim&, const Aim&) = default;
};

/// A part of a test's course, as stages() declared it.
struct StagePlan {
    std::chrono::nanoseconds duration{};  ///< above 0
    Aim aim{};
};

/// When a stage lasts from.
enum class StageCounts : std::uint8_t { FromItsBegin, FromItsLastUser };

/// Goes through the stages of a test, one after the other. Reads no clock.
///
/// Stages follow each other without a gap, however late somebody asks. FromItsLastUser: a stage's
/// time begins when its ramp is complete.
class StageCourse {
public:
    explicit StageCourse(std::vector<StagePlan> stages = {},
                         StageCounts counts = StageCounts::FromItsBegin);

    [[nodiscard]] bool empty() const { return stages_.empty(); }

    void begin(base::TimePoint now);

    /// What to aim at, once for each stage that has begun by `now`; of several the last.
    std::optional<Aim> next_aim(base::TimePoint now);

    void on_ramp_complete(base::TimePoint now);

    /// The test was paused for so long.
    void shift(std::chrono::nanoseconds pause);

    /// When a stage ends; max(): not known yet, or there is none left.
    [[nodiscard]] base::TimePoint next_change() const;
    [[nodiscard]] bool over(base::TimePoint now) const;  ///< the last one has ended

    [[nodiscard]] bool more_to_come() const { return begun_ < stages_.size(); }
    [[nodiscard]] std::size_t present() const { return begun_; }  ///< from 1; 0: not begun
    [[nodiscard]] std::size_t size() const { return stages_.size(); }

    /// Of all stages; nothing: it depends on their ramps, or there are none.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> duration() const;

private:
    std::vector<StagePlan> stages_;
    StageCounts counts_;
    std::size_t begun_ = 0;                             ///< stages that have begun
    base::TimePoint ends_at_ = base::TimePoint::max();  ///< the present one, or before the first
};

}  // namespace cicada::run
