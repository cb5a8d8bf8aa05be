// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "run/snapshot.hpp"

namespace cicada::report {

/// What `--json` prints: an array of the entries that have requests, Locust's keys of a statistics
/// message first, then ours (percentiles in milliseconds, what went on the wire). The last element
/// is no entry, though it has the same keys, with zeroes: its name is "(run)", and its key "run"
/// holds the verdict, warnings, thresholds, checks and metrics. Ends with a newline.
///
/// Source: Locust, main.py and stats.py, serialize_stats().
[[nodiscard]] std::string json_report(const run::Snapshot& snapshot);

}  // namespace cicada::report
