// SPDX-License-Identifier: Apache-2.0
#include <cicada/wait_time.hpp>

namespace cicada {

WaitTime constant(Duration time) {
    return {.kind = WaitTime::Kind::Constant, .shortest = time, .longest = time};
}

WaitTime between(Duration shortest, Duration longest) {
    return {.kind = WaitTime::Kind::Uniform, .shortest = shortest, .longest = longest};
}

WaitTime exponential(Duration mean) {
    return {.kind = WaitTime::Kind::Exponential, .shortest = mean, .longest = mean};
}

WaitTime constant_pacing(Duration period) {
    return {.kind = WaitTime::Kind::Pacing, .shortest = period, .longest = period};
}

WaitTime constant_throughput(double per_second) {
    // What is no number above 0 is noted when a user class is given this wait time.
    if (!(per_second > 0)) return constant_pacing(kInherited);
    const double seconds = 1 / per_second;
    constexpr double kLongest = 1e9;
    return constant_pacing(std::chrono::duration<double>(seconds < kLongest ? seconds : kLongest));
}

}  // namespace cicada
