// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

namespace cicada::base {

TimePoint steady_now() {
    return std::chrono::steady_clock::now();
}

WallTime wall_now() {
    return std::chrono::system_clock::now();
}

}  // namespace cicada::base
