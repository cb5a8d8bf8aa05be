// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stats/totals.hpp"

// Locust's console tables, line by line. Source: Locust, stats.py, get_stats_summary() and its
// neighbours; times below a millisecond are decimals here, where Locust shows 0.
namespace cicada::report {

using Lines = std::vector<std::string>;

/// Which rates stand in the last columns.
enum class RatesShown : std::uint8_t { Current, WholeRun };

/// The width of the name column on a terminal of so many columns; 0: not a terminal.
[[nodiscard]] std::size_t name_width(std::size_t terminal_columns);

/// For the percentile table, which needs more room beside the name than Locust allows for.
[[nodiscard]] std::size_t percentile_name_width(std::size_t terminal_columns);

[[nodiscard]] Lines statistics_table(const stats::Totals& totals,
                                     RatesShown rates,
                                     std::size_t name_width);
[[nodiscard]] Lines percentile_table(const stats::Totals& totals, std::size_t name_width);

/// Empty when nothing failed.
[[nodiscard]] Lines error_report(const stats::Totals& totals, std::size_t name_width);

/// Exceptions of the test's own code; empty when there were none.
[[nodiscard]] Lines exception_report(const stats::Totals& totals, std::size_t name_width);

/// "Shopper.buy: std::runtime_error: no stock"
[[nodiscard]] std::string text_of(const stats::ExceptionCount& thrown);

}  // namespace cicada::report
