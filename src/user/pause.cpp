// SPDX-License-Identifier: Apache-2.0
#include "user/pause.hpp"

#include <algorithm>
#include <cmath>

namespace cicada::user {
namespace {

nanoseconds uniform(const WaitTime& wait_time, RandomStream& random) {
    const auto span = (wait_time.longest.nanoseconds() - wait_time.shortest.nanoseconds()).count();
    const std::uint64_t part = random.below(static_cast<std::uint64_t>(span) + 1);
    return wait_time.shortest.nanoseconds() + nanoseconds(static_cast<std::int64_t>(part));
}

nanoseconds exponential(const WaitTime& wait_time, RandomStream& random) {
    const double mean_ns = static_cast<double>(wait_time.shortest.nanoseconds().count());
    const double wait_ns = -std::log1p(-random.fraction()) * mean_ns;
    constexpr double kLongestNs = 9e18;
    return nanoseconds(static_cast<std::int64_t>(std::min(wait_ns, kLongestNs)));
}

nanoseconds paced(const WaitTime& wait_time, base::TimePoint now, Pacing& pacing) {
    const nanoseconds ran = now - pacing.last_call - pacing.last_wait;
    const nanoseconds wait = std::max(wait_time.shortest.nanoseconds() - ran, nanoseconds{});
    pacing = {.last_call = now, .last_wait = wait};
    return wait;
}

}  // namespace

nanoseconds next_pause(const WaitTime& wait_time,
                       base::TimePoint now,
                       RandomStream& random,
                       Pacing& pacing) {
    switch (wait_time.kind) {
        case WaitTime::Kind::Constant:
            return wait_time.shortest.nanoseconds();
        case WaitTime::Kind::Uniform:
            return uniform(wait_time, random);
        case WaitTime::Kind::Exponential:
            return exponential(wait_time, random);
        case WaitTime::Kind::Pacing:
            return paced(wait_time, now, pacing);
    }
    return {};
}

}  // namespace cicada::user
