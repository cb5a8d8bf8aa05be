// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

// What AddressSanitizer and ThreadSanitizer have to be told of a switch of stacks. Nothing of it is
// left in an ordinary build.
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace cicada::fiber::sanitizer {

/// Before a switch. `fake_stack`: where to keep what belongs to the side that is left; null when
/// that side never comes back.
inline void leave([[maybe_unused]] void** fake_stack,
                  [[maybe_unused]] const void* target_low,
                  [[maybe_unused]] std::size_t target_size) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(fake_stack, target_low, target_size);
#endif
}

/// After a switch, on the side that was entered.
inline void arrive([[maybe_unused]] void* fake_stack,
                   [[maybe_unused]] const void** left_low,
                   [[maybe_unused]] std::size_t* left_size) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_stack, left_low, left_size);
#endif
}

inline void* create_fiber() {
#if defined(__SANITIZE_THREAD__)
    return __tsan_create_fiber(0);
#else
    return nullptr;
#endif
}

inline void* current_fiber() {
#if defined(__SANITIZE_THREAD__)
    return __tsan_get_current_fiber();
#else
    return nullptr;
#endif
}

inline void switch_fiber([[maybe_unused]] void* fiber) {
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(fiber, 0);
#endif
}

inline void destroy_fiber([[maybe_unused]] void* fiber) {
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(fiber);
#endif
}

/// A stack is about to serve another fiber: nothing of the last one's frames counts.
inline void forget_stack([[maybe_unused]] const void* low, [[maybe_unused]] std::size_t size) {
#if defined(__SANITIZE_ADDRESS__)
    __asan_unpoison_memory_region(low, size);
#endif
}

}  // namespace cicada::fiber::sanitizer
