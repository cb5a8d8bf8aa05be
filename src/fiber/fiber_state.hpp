// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/context/detail/fcontext.hpp>
#include <cstdint>
#include <exception>
#include <functional>

#include "fiber/scheduler.hpp"
#include "fiber/stack_pool.hpp"
#include "fiber/timer_wheel.hpp"

namespace cicada::fiber {

/// What the C++ runtime keeps of the exceptions in flight on a thread, and we on each fiber.
/// Source: Itanium C++ ABI, section 2.2.2, __cxa_eh_globals.
struct ExceptionGlobals {
    void* caught = nullptr;
    unsigned int uncaught = 0;
};

/// A Timeout that stands on a fiber's stack. One that has expired interrupts every wait until it
/// is gone. The innermost is first in the list.
struct TimeLimit : Timer {
    TimeLimit(FiberState& fiber, void (*on_expiry)(Timer&)) : Timer(on_expiry), owner(&fiber) {}
    FiberState* owner;
    TimeLimit* outer = nullptr;
    std::chrono::nanoseconds length{};
    std::uint16_t shields = 0;  ///< the fiber's when it was armed: a Shield holds back older ones
    bool expired = false;
};

/// Ends the time that what is on the wire has to finish after a cancellation.
struct DrainTimer : Timer {
    explicit DrainTimer(FiberState& fiber);
    FiberState* owner;
};

/// One fiber. It lives at the top of its own stack, so that starting one allocates nothing.
class FiberState {
public:
    enum class Phase : std::uint8_t { Runnable, Running, Parked, Done };

    FiberState() : drain_timer(*this) {}
    FiberState(const FiberState&) = delete;
    FiberState& operator=(const FiberState&) = delete;

    boost::context::detail::fcontext_t context = nullptr;
    FiberState* next_runnable = nullptr;
    ExceptionGlobals exceptions{};
    int saved_errno = 0;
    Phase phase = Phase::Runnable;

    bool cancel_requested = false;
    bool drain_over = false;       ///< cancellation reaches into a DrainScope too
    bool handle_released = false;  ///< nobody will join it: its stack is free once it is done
    std::uint16_t shields = 0;
    std::uint16_t drain_scopes = 0;

    const char* label = "";
    void* local = nullptr;
    const void* purpose = nullptr;
    FiberState* joiner = nullptr;  ///< parked in join()
    TimeLimit* limits = nullptr;
    DrainTimer drain_timer;
    std::exception_ptr error;
    std::function<void()> body;

    Stack stack{};
    StackPool* pool = nullptr;

    void* sanitizer_fake_stack = nullptr;
    void* sanitizer_fiber = nullptr;
};

}  // namespace cicada::fiber
