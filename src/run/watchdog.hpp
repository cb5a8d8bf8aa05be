// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "fiber/scheduler.hpp"

namespace cicada::run {

/// Sees that one task holds the engine, which keeps every other user waiting, or that users wait
/// for a lock that nobody gives back, and names the task.
///
/// Asked from another thread than the engine's, every kPeriod or so.
class Watchdog {
public:
    static constexpr std::chrono::milliseconds kTooLong{500};
    static constexpr std::chrono::milliseconds kPeriod{100};

    /// Lines for the log: one when it has lasted too long, one when it is over, with how long it
    /// lasted (within kPeriod).
    std::vector<std::string> look(const fiber::Pulse& pulse, base::TimePoint now);

    /// How long the engine was held too long, of each time that is over since the last call.
    [[nodiscard]] std::vector<std::chrono::nanoseconds> take_holds();

private:
    /// Something that has lasted since a moment, and whether it has been told.
    struct Incident {
        base::TimePoint since{};
        bool lasts = false;
        bool told = false;
        std::string label{};
    };

    void look_at_holder(const fiber::Pulse& pulse, base::TimePoint now);
    void look_at_lock(const fiber::Pulse& pulse, base::TimePoint now);

    std::vector<std::string> news_;
    std::vector<std::chrono::nanoseconds> holds_;
    std::uint64_t switches_ = 0;
    Incident held_;
    Incident locked_;
};

}  // namespace cicada::run
