// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace cicada::fiber {

/// What the layer that owns users wants to be told by the public fiber functions; set once, before
/// the first fiber. Null: nothing.
struct Hooks {
    /// cicada::sleep() is about to suspend, in the fiber that does. May throw and suspend.
    void (*before_sleep)(void* local) = nullptr;

    /// The body of a cicada::spawn() has ended, in its fiber, however it ended. What it throws
    /// counts as thrown by the body.
    void (*at_end)(void* local) = nullptr;
};

void set_hooks(const Hooks& hooks);

/// Cancels every fiber of cicada::spawn whose local() was `local` when it was started, and does not
/// wait: what they have on the wire may finish within `drain`.
void cancel_spawned_of(void* local, std::chrono::nanoseconds drain);

/// Cancels every fiber of cicada::spawn whose local() was `local` when it was started, and waits
/// for their end; for a user that ends before the handles of its fibers do. Suspends, shielded.
void end_spawned_of(void* local);

}  // namespace cicada::fiber
