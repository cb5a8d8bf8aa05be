// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "run/snapshot.hpp"

namespace cicada::report {

/// What --json says of the run as a whole: verdict with reasons, what the generator cost, warnings,
/// thresholds, limits, checks, metrics. Lists are there when they are empty, too.
[[nodiscard]] nlohmann::ordered_json run_json(const run::Snapshot& snapshot);

}  // namespace cicada::report
