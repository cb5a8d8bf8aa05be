// SPDX-License-Identifier: Apache-2.0
#include "stats/metric_totals.hpp"

#include <algorithm>
#include <tuple>

namespace cicada::stats {
namespace {

bool before(const MetricKey& left, const MetricKey& right) {
    return std::tie(left.kind, left.name, left.unit, left.tags) <
           std::tie(right.kind, right.name, right.unit, right.tags);
}

template <class Slots>
auto lower_bound(Slots& slots, const MetricKey& key) {
    return std::lower_bound(
        slots.begin(), slots.end(), key, [](const auto& slot, const MetricKey& wanted) {
            return before(*slot.metric->key, wanted);
        });
}

}  // namespace

bool MetricTotals::merge(std::vector<MetricDelta>&& deltas) {
    bool complete = true;
    for (MetricDelta& delta : deltas) {
        const auto place = lower_bound(slots_, *delta.key);
        if (place == slots_.end() || *place->metric->key != *delta.key) {
            if (slots_.size() >= kMostSeries) {
                complete = false;
            } else {
                slots_.insert(place, {.metric = std::make_shared<Metric>(std::move(delta))});
            }
            continue;
        }
        if (place->shared) {
            place->metric = std::make_shared<Metric>(*place->metric);
            place->shared = false;
        }
        place->metric->values.merge(delta.values);
    }
    return complete;
}

void MetricTotals::reset() {
    for (Slot& slot : slots_) {
        slot = {.metric = std::make_shared<Metric>(Metric{.key = slot.metric->key})};
    }
}

std::vector<std::shared_ptr<const Metric>> MetricTotals::all() const {
    std::vector<std::shared_ptr<const Metric>> metrics;
    metrics.reserve(slots_.size());
    for (const Slot& slot : slots_) metrics.push_back(slot.metric);
    return metrics;
}

const Metric* MetricTotals::find(const MetricKey& key) const {
    const auto place = lower_bound(slots_, key);
    if (place == slots_.end() || *place->metric->key != key) return nullptr;
    return place->metric.get();
}

// Writes only where the mark is missing: a copy of a copy is made on any thread and finds them all.
void MetricTotals::mark_shared() const {
    for (const Slot& slot : slots_) {
        if (!slot.shared) slot.shared = true;
    }
}

}  // namespace cicada::stats
