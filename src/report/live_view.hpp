// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.hpp"
#include "report/live_screen.hpp"
#include "run/snapshot.hpp"

namespace cicada::report {

/// What the terminal can show.
struct LiveStyle {
    std::size_t columns = 80;
    std::size_t rows = 24;
    bool colours = true;
    bool utf8 = true;       ///< else plain ASCII is drawn
    bool keys = false;      ///< the keys that change the load work, and are named
    bool page_key = false;  ///< and the one that opens the page
};

/// The live display of a run at one moment: how far it is, what goes through now, a row for each
/// request name, errors and warnings.
///
/// Shape: at most `rows` - 1 lines, each narrower than `columns`; when there are more names than
///        rows, those with the most requests are shown.
[[nodiscard]] std::vector<DrawnLine> live_view(const run::Snapshot& snapshot,
                                               base::WallTime now,
                                               const LiveStyle& style);

}  // namespace cicada::report
