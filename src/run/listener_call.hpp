// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "fiber/scheduler.hpp"
#include "user/listeners.hpp"

namespace cicada::run {

/// Calls the listeners of the run's own events and waits for them, but not for ever: they may
/// block, and nobody else would end a run whose listener waits for what never comes.
///
/// Threads: the engine's; one call at a time.
class ListenerCall {
public:
    enum class Outcome : std::uint8_t { Returned, TooLate };

    /// `limit` for all listeners of one event together.
    explicit ListenerCall(std::chrono::nanoseconds limit) : limit_(limit) {}

    /// Listeners that are too late are cancelled, logged and noted for the exit code. Suspends.
    Outcome make(user::EventKind kind, const void* event);

    /// Cancels those who are being called; make() then returns as soon as they have unwound.
    void cancel() { listeners_.cancel(); }

    /// "the listeners of test_start have not returned within 60 s (--listener-timeout)"
    [[nodiscard]] std::string complaint(user::EventKind kind) const;

private:
    std::chrono::nanoseconds limit_;
    fiber::Handle listeners_;
};

}  // namespace cicada::run
