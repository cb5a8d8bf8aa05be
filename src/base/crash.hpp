// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cicada::base {

/// `hook` is called first of all when the process is about to die by a signal or a broken promise,
/// so that the last words reach the terminal. It may only call what a signal handler may.
void set_crash_hook(void (*hook)());
void run_crash_hook();

}  // namespace cicada::base
