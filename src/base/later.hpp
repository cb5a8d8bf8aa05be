// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"

namespace cicada::base {

/// `span` after `now`, or the end of time if that is beyond it. Neither may be negative.
[[nodiscard]] inline TimePoint later(TimePoint now, std::chrono::nanoseconds span) {
    return span < TimePoint::max() - now ? now + span : TimePoint::max();
}

}  // namespace cicada::base
