// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "stats/totals.hpp"

namespace cicada::report {

/// The entries that have requests, as `--json` prints them: Locust's keys of a statistics message
/// first, then ours (percentiles in milliseconds, what went on the wire). Ends with a newline.
///
/// Source: Locust, main.py and stats.py, serialize_stats().
[[nodiscard]] std::string json_entries(const stats::Totals& totals);

}  // namespace cicada::report
