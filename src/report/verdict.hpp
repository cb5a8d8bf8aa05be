// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "run/snapshot.hpp"

namespace cicada::report {

/// What stands below the final tables, of a dry run where its answers came from; otherwise: what a
/// response time includes, what the generator itself cost, what went on the wire, each warning, the
/// run's verdict and its reasons. A line each.
[[nodiscard]] std::vector<std::string> verdict(const run::Snapshot& snapshot);

/// "1,240 exchanges on the wire = 1,200 requests + 36 redirects + 0 resends + 4 aborted"
[[nodiscard]] std::string exchanges_text(const stats::Counts& counts);

}  // namespace cicada::report
