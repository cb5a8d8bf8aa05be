// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/settings.hpp"
#include "run/goals.hpp"

namespace cicada::cli {

/// What the loaded test and --check ask for, in this order.
///
/// Error: base::Error, exit code 2, when a --check speaks of a metric of the test in a way that
/// this metric does not know.
[[nodiscard]] std::vector<run::Goal> goals_of(const Settings& settings);

}  // namespace cicada::cli
