// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace cicada::fiber {

/// Starts to load that many cache lines from `address` on, which may be any.
template <std::size_t kLines>
[[gnu::always_inline]] inline void fetch(const void* address) {
    constexpr std::size_t kLine = 64;
    for (std::size_t i = 0; i < kLines; ++i) {
        __builtin_prefetch(static_cast<const char*>(address) + i * kLine);
    }
}

}  // namespace cicada::fiber
