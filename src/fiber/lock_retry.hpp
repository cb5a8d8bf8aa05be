// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

#include "fiber/scheduler_impl.hpp"

namespace cicada::fiber {

/// Lets the others run for `pause`. Not a cancellation point: a lock has no way to say no.
void pause_for_lock(nanoseconds pause);

/// Calls `try_once` until it is true, with other fibers in between, and shows the watchdog that the
/// calling fiber waits for `what`.
template <class TryOnce>
void retry_until(const char* what, TryOnce try_once) {
    constexpr nanoseconds kFirstPause = std::chrono::microseconds(20);
    constexpr nanoseconds kLongestPause = std::chrono::milliseconds(2);
    Scheduler::Impl& scheduler = *this_scheduler();
    scheduler.lock_wait_began(what);
    for (nanoseconds pause = kFirstPause; !try_once(); pause = std::min(2 * pause, kLongestPause)) {
        pause_for_lock(pause);
    }
    scheduler.lock_wait_ended();
}

}  // namespace cicada::fiber
