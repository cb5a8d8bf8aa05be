// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <ctime>

namespace cicada::fiber {

void make_non_blocking(int fd);

/// What a connect in the background came to: an errno, 0 for success.
[[nodiscard]] int pending_error(int fd);

/// `time` must not be negative.
[[nodiscard]] timespec timespec_of(std::chrono::nanoseconds time);

}  // namespace cicada::fiber
