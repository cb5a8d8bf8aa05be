// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "fiber/scheduler.hpp"

namespace cicada::run {

/// Fibers of a run's own, beside those of its users: what tests give to runner().background(), and
/// listeners that nobody waits for.
///
/// Threads: the engine's.
class OwnFibers {
public:
    /// `body` belongs to no user, whoever starts it. What it throws is logged and noted like what a
    /// listener throws; `label`, which outlives it, says who it was.
    void start(std::function<void()> body, const char* label);

    /// Cancels all and waits until they have unwound. Suspends.
    void end();

private:
    std::vector<fiber::Handle> fibers_;
};

}  // namespace cicada::run
