// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "report/live_screen.hpp"
#include "stats/totals.hpp"

namespace cicada::report {

/// The live display's table: requests, failures, times of the last ten seconds, rates.
struct LiveTable {
    const stats::Totals& totals;
    base::WallTime now;
    std::size_t width;  ///< columns; narrow ones show fewer figures
    std::size_t most_lines;
    bool colours;

    /// Header, rows sorted by name (those with the most requests, when not all fit), total.
    [[nodiscard]] std::vector<DrawnLine> lines() const;
};

/// "12.3", or "-" where there is nothing yet.
[[nodiscard]] std::string rate_text(const std::optional<double>& rate);

/// Requests per second in the last five whole seconds before `now`; nothing: there is none yet.
[[nodiscard]] std::optional<double> present_rate(const stats::Totals& totals,
                                                 const stats::Entry& entry,
                                                 base::WallTime now);

/// The first second of the wall clock whose figures may still be coming in.
[[nodiscard]] std::int64_t end_of_whole_seconds(base::WallTime now);

}  // namespace cicada::report
