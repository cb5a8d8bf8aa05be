// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cicada::run {

/// How a run went over time, in bounded memory: whenever kMost samples are there, every second one
/// goes, and those that follow come half as often.
class CourseSamples {
public:
    static constexpr std::size_t kMost = 4096;
    static constexpr std::chrono::milliseconds kFirstPeriod{10};

    /// One moment. All but users, course and time only grow.
    struct Sample {
        std::chrono::nanoseconds at{};
        std::vector<std::int64_t> users{};   ///< of each class
        std::vector<std::int64_t> limits{};  ///< used up of each
        std::vector<std::uint64_t> begun{};  ///< arrivals of each pool
        std::uint64_t answers = 0;
        std::string course{};
    };

    /// Shape: later than all before; a period() after the last one, but for the very last.
    void add(Sample sample);

    [[nodiscard]] std::chrono::nanoseconds period() const { return period_; }

    /// When the next one is due.
    [[nodiscard]] std::chrono::nanoseconds next() const;

    /// The last one up to `time`. Shape: there is one at 0.
    [[nodiscard]] const Sample& at(std::chrono::nanoseconds time) const;
    [[nodiscard]] const Sample& last() const { return samples_.back(); }
    [[nodiscard]] bool empty() const { return samples_.empty(); }

private:
    std::vector<Sample> samples_{};
    std::chrono::nanoseconds period_ = kFirstPeriod;
};

}  // namespace cicada::run
