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
    if (try_once()) return;
    Scheduler::Impl& scheduler = *this_scheduler();
    scheduler.lock_wait_began(what);
    nanoseconds pause = kFirstPause;
    do {
        pause_for_lock(pause);
        pause = std::min(2 * pause, kLongestPause);
    } while (!try_once());
    scheduler.lock_wait_ended();
}

}  // namespace cicada::fiber
