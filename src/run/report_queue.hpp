// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>

#include "base/clock.hpp"
#include "run/engine_report.hpp"

namespace cicada::run {

/// Wakes one thread from another, without a lock that could make the waker wait.
class Bell {
public:
    Bell();
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;
    ~Bell();

    void ring();  ///< Threads: any. Never blocks.

    /// Returns when it was rung since the last return, or `also` is readable. Shape: `also`: a
    /// descriptor that stays the caller's; -1: none.
    void wait_until(base::TimePoint deadline, int also = -1);

private:
    int fd_;
};

/// Reports on their way from the engine to control. The engine never waits: when the queue is full
/// it keeps the report and adds the next to it.
///
/// Threads: one pushes, one pops.
class ReportQueue {
public:
    static constexpr std::size_t kCapacity = 16;

    /// False when full; `report` is untouched then.
    bool try_push(EngineReport& report);
    [[nodiscard]] std::optional<EngineReport> try_pop();

private:
    std::array<EngineReport, kCapacity> slots_;
    std::atomic<std::size_t> pushed_{0};
    std::atomic<std::size_t> popped_{0};
};

}  // namespace cicada::run
