// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "fiber/scheduler_impl.hpp"

// What every suspension point is made of.
namespace cicada::fiber {

/// The calling fiber has been cancelled or is out of time, and may be told so here: nothing shields
/// it, no exception is in flight, and an exception thrown here would be caught.
[[nodiscard]] bool interrupted_in_fact(const FiberState& fiber);
[[nodiscard]] inline bool interrupted(const FiberState& fiber) {
    if (!fiber.cancel_requested && fiber.limits == nullptr) [[likely]] {
        return false;
    }
    return interrupted_in_fact(fiber);
}

/// Throws FiberCancelled or TimeoutExpired if interrupted(). Every suspension point begins with it,
/// so that an interruption that was swallowed is met again.
[[noreturn]] void throw_interruption(const FiberState& fiber);
inline void throw_if_interrupted(const FiberState& fiber) {
    if (interrupted(fiber)) [[unlikely]] {
        throw_interruption(fiber);
    }
}

/// Wakes `fiber` if it is parked, to look at its interruptions.
void interrupt(FiberState& fiber);

/// A Timer that wakes a fiber.
struct WakeTimer {
    explicit WakeTimer(FiberState& fiber);
    ~WakeTimer();
    WakeTimer(const WakeTimer&) = delete;
    WakeTimer& operator=(const WakeTimer&) = delete;

    void set(TimePoint deadline);  ///< kNever: not at all

    struct Waking : Timer {
        using Timer::Timer;
        FiberState* fiber = nullptr;
        bool rang = false;
    };
    Waking timer;
};

/// Parks the calling fiber until `holds()`; anything may wake it in between. When interrupted,
/// `undo()` is called and the interruption thrown.
template <class Condition, class Undo>
void park_until(Scheduler::Impl& scheduler, Condition holds, Undo undo) {
    FiberState& fiber = *scheduler.current();
    while (!holds()) {
        if (interrupted(fiber)) {
            undo();
            throw_if_interrupted(fiber);
        }
        scheduler.park();
    }
}

}  // namespace cicada::fiber
