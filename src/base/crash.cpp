// SPDX-License-Identifier: Apache-2.0
#include "base/crash.hpp"

#include <array>
#include <atomic>

#include "base/expects.hpp"

namespace cicada::base {
namespace {

std::array<std::atomic<void (*)()>, 4> crash_hooks{};
std::atomic<CrashNote*> note_of_process{nullptr};

}  // namespace

void add_crash_hook(void (*hook)()) {
    for (auto& slot : crash_hooks) {
        void (*free)() = nullptr;
        if (slot.compare_exchange_strong(free, hook) || free == hook) return;
    }
    expects(false, "there is a slot for each crash hook");
}

void remove_crash_hook(void (*hook)()) {
    for (auto& slot : crash_hooks) {
        void (*mine)() = hook;
        slot.compare_exchange_strong(mine, nullptr);
    }
}

void run_crash_hook() {
    for (auto& slot : crash_hooks) {
        if (void (*hook)() = slot.exchange(nullptr)) hook();
    }
}

void set_crash_note(CrashNote* note) {
    note_of_process = note;
}

CrashNote* crash_note() {
    return note_of_process;
}

}  // namespace cicada::base
