// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/tables.hpp"
#include "run/dry_run.hpp"

namespace cicada::report {

/// What a test would do, as a table over time, with what it comes to below. Times as in "1m30s".
[[nodiscard]] Lines timeline(const run::DryRun& run);

}  // namespace cicada::report
