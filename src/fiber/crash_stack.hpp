// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/crash.hpp"

namespace cicada::fiber {

/// Loads what note_stack() needs: a signal handler cannot. Shape: before the first fault.
void prepare_to_note_stack();

/// Writes the functions of the calling stack to `note`, one after the other, from the one that was
/// interrupted on. For a signal handler: `context` is its third argument.
///
/// Reads a stack that may be broken: whoever calls it has said before what must not be lost.
void note_stack(base::CrashNote& note, const void* context);

}  // namespace cicada::fiber
