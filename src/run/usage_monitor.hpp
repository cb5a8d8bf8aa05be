// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

namespace cicada::run {

/// What the program used of the machine since it was asked last.
struct Usage {
    double process_percent = 0;  ///< CPU of all threads; 100 is one core
    double engine_percent = 0;   ///< of the engine's thread alone, 0 to 100
    std::int64_t resident_bytes = 0;
};

/// Source: Locust, runners.py: CPU_MONITOR_INTERVAL, CPU_WARNING_THRESHOLD.
class UsageMonitor {
public:
    static constexpr std::chrono::seconds kPeriod{10};
    static constexpr double kWarningPercent = 90;

    /// `engine_busy`: CPU time of the engine's thread so far.
    UsageMonitor(base::TimePoint now, std::chrono::nanoseconds engine_busy);

    Usage look(base::TimePoint now, std::chrono::nanoseconds engine_busy);

private:
    base::TimePoint since_;
    std::chrono::nanoseconds engine_before_;
    std::chrono::nanoseconds process_before_;
};

}  // namespace cicada::run
