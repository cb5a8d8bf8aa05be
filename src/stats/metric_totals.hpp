// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "stats/metric.hpp"

namespace cicada::stats {

/// The metrics of a run, merged; part of Totals.
///
/// Copying is cheap: series are shared until either copy merges into them.
/// Threads: as Totals.
class MetricTotals {
public:
    static constexpr std::size_t kMostSeries = 10'000;  ///< of all nodes; then they are lost

    /// Whether all of it could be taken.
    [[nodiscard]] bool merge(std::vector<MetricDelta>&& deltas);

    void reset();  ///< values to zero; rows stay

    /// By kind, then name and tags; a metric stands before its series with tags.
    [[nodiscard]] std::vector<std::shared_ptr<const Metric>> all() const;

    /// null: it has not been told anything.
    [[nodiscard]] const Metric* find(const MetricKey& key) const;

    void mark_shared() const;  ///< before a copy is made

private:
    struct Slot {
        std::shared_ptr<Metric> metric{};
        mutable bool shared = false;
    };

    std::vector<Slot> slots_;  // sorted by the key
};

}  // namespace cicada::stats
