// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

#include <ctime>

namespace cicada::base {

TimePoint steady_now() {
    return std::chrono::steady_clock::now();
}

WallTime wall_now() {
    return std::chrono::system_clock::now();
}

std::chrono::nanoseconds thread_cpu_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace cicada::base
