// SPDX-License-Identifier: Apache-2.0
#include "cluster/master_clock.hpp"

#include <algorithm>

namespace cicada::cluster {

using std::chrono::nanoseconds;

void MasterClock::learn(const Beat& answer, base::TimePoint now) {
    if (!answer.echo_of) return;
    const nanoseconds since_sent = now.time_since_epoch() - *answer.echo_of;
    const nanoseconds round_trip = since_sent - answer.echo_held;
    if (since_sent < nanoseconds::zero() || round_trip < nanoseconds::zero()) return;  // not ours
    const nanoseconds master_now = answer.sent_at + round_trip / 2;
    samples_.push_back({round_trip, master_now - now.time_since_epoch()});
    if (samples_.size() > kRemembered) samples_.pop_front();
}

std::optional<base::WallTime> MasterClock::at(base::TimePoint at) const {
    const auto best = std::min_element(
        samples_.begin(), samples_.end(), [](const Sample& one, const Sample& other) {
            return one.round_trip < other.round_trip;
        });
    if (best == samples_.end()) return std::nullopt;
    return base::WallTime(at.time_since_epoch() + best->ahead);
}

void shift(stats::Delta& delta, nanoseconds by) {
    const std::int64_t seconds = std::chrono::round<std::chrono::seconds>(by).count();
    delta.taken += by;
    for (stats::EntryDelta& entry : delta.entries) {
        for (stats::SecondCounts& second : entry.seconds) second.second += seconds;
        if (entry.last_request) *entry.last_request += by;
    }
    for (stats::ErrorCount& error : delta.errors) {
        error.first_seen += by;
        error.last_seen += by;
    }
    for (stats::BusySecond& busy : delta.busy) busy.second += seconds;
    for (stats::MetricDelta& metric : delta.metrics) metric.values.last_set += by;
}

}  // namespace cicada::cluster
