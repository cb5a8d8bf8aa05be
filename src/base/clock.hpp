// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace cicada::base {

using TimePoint = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// The machine's clocks. Only base/clock.cpp reads one; whoever runs in a fiber asks fiber::now(),
/// which is virtual in a simulation, and everybody else is handed a time or calls these.
TimePoint steady_now();
WallTime wall_now();

/// CPU time, user and system, that the calling thread has used.
std::chrono::nanoseconds thread_cpu_time();

}  // namespace cicada::base
