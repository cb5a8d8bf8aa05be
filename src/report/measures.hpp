// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/tables.hpp"
#include "run/snapshot.hpp"

// What a test counts beside its requests, and what it had to reach, as tables and CSV.
namespace cicada::report {

/// Each empty when there is nothing of the kind.
[[nodiscard]] Lines threshold_table(const run::Snapshot& snapshot);
[[nodiscard]] Lines check_table(const stats::Totals& totals);
[[nodiscard]] Lines metric_table(const stats::Totals& totals);

/// Of PREFIX_metrics.csv (checks among them) and PREFIX_thresholds.csv.
[[nodiscard]] std::string metrics_csv(const stats::Totals& totals);
[[nodiscard]] std::string thresholds_csv(const run::Snapshot& snapshot);

}  // namespace cicada::report
