// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cicada::base {

/// `hook` is called first of all when the process is about to die by a signal or a broken promise,
/// so that the last words reach the terminal. It may only call what a signal handler may.
///
/// Shape: four at one time; they are called in the order of their slots, each once.
void add_crash_hook(void (*hook)());
void remove_crash_hook(void (*hook)());
void run_crash_hook();

}  // namespace cicada::base
