// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>

#include "fiber/scheduler.hpp"

namespace cicada::fiber {

/// Runs `body` as the first fiber of a scheduler of its own whose clock jumps to the next timer.
inline void in_virtual_time(std::function<void()> body) {
    Scheduler scheduler({.clock = ClockKind::Virtual});
    scheduler.run(std::move(body));
}

}  // namespace cicada::fiber
