// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/wait_time.hpp>

#include "base/clock.hpp"
#include "user/random_stream.hpp"

namespace cicada::user {

using std::chrono::nanoseconds;

/// What one user remembers from wait to wait, for constant_pacing.
struct Pacing {
    base::TimePoint last_call{};  ///< when the wait before this one was asked for
    nanoseconds last_wait{};      ///< and how long it was; of the first: when the user began, 0
};

/// How long the user has to wait now, by `wait_time`. Never negative.
///
/// Source: Locust, wait_time.py. Pacing subtracts from the period the time since the last call
/// but for the wait it asked for: the task, and how late the wait ended.
nanoseconds next_pause(const WaitTime& wait_time,
                       base::TimePoint now,
                       RandomStream& random,
                       Pacing& pacing);

}  // namespace cicada::user
