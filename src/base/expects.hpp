// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>

namespace cicada::base {

[[noreturn]] void fail_expectation(const char* why, std::source_location where);

/// Aborts when a promise between two pieces of *our* code is broken. On in every build.
/// Never reachable from input: what a peer, a file or a test author sends is an error value.
inline void expects(bool holds,
                    const char* why,
                    std::source_location where = std::source_location::current()) {
    if (!holds) [[unlikely]] {
        fail_expectation(why, where);
    }
}

}  // namespace cicada::base
