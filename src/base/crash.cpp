// SPDX-License-Identifier: Apache-2.0
#include "base/crash.hpp"

#include <atomic>

namespace cicada::base {
namespace {

std::atomic<void (*)()> crash_hook = nullptr;

}  // namespace

void set_crash_hook(void (*hook)()) {
    crash_hook = hook;
}

void run_crash_hook() {
    if (void (*hook)() = crash_hook.exchange(nullptr)) hook();
}

}  // namespace cicada::base
