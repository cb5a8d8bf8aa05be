// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "fiber/scheduler.hpp"

namespace cicada::run {

/// Sees that one task holds the engine, which keeps every other user waiting, and names it.
///
/// Asked from another thread than the engine's, every kWatchdogPeriod or so.
class Watchdog {
public:
    static constexpr std::chrono::milliseconds kHeldTooLong{500};
    static constexpr std::chrono::milliseconds kPeriod{100};

    /// A line for the log when there is news: once when the engine is held too long, once when it
    /// is free again, with how long it was held (within kPeriod).
    std::optional<std::string> look(const fiber::Pulse& pulse, base::TimePoint now);

private:
    std::uint64_t switches_ = 0;
    base::TimePoint since_{};
    bool runs_ = false;  ///< a fiber ran at the last look
    bool told_ = false;  ///< about the present incident
    std::string label_;
};

}  // namespace cicada::run
