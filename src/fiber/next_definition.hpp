// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlfcn.h>

#include <atomic>

namespace cicada::fiber {

/// The function of that name that would be called if the program had none of its own.
///
/// No static local, whose guard would need a lock: locks are what this is for.
template <class Function>
class NextDefinition {
public:
    explicit constexpr NextDefinition(const char* name) : name_(name) {}

    Function* operator*() {
        Function* found = found_.load(std::memory_order_relaxed);
        if (found == nullptr) {
            found = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name_));
            found_.store(found, std::memory_order_relaxed);
        }
        return found;
    }

private:
    const char* name_;
    std::atomic<Function*> found_ = nullptr;
};

}  // namespace cicada::fiber
