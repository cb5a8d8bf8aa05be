// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
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

/// The function of that name that would be called if the program had none of its own.
///
/// No static local, whose guard would need a lock: locks are what this is for.
template <class Function>
class NextDefinition {
public:
    explicit constexpr NextDefinition(const char* name) : name_(name) {}

    Function* operator*() {
        Function* found = found_.load(std::memory_order_relaxed);
        if (found == nullptr) {
            found = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name_));
            found_.store(found, std::memory_order_relaxed);
        }
        return found;
    }

private:
    const char* name_;
    std::atomic<Function*> found_ = nullptr;
};

}  // namespace cicada::fiber
