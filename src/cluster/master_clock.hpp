// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

#include "base/clock.hpp"
#include "cluster/messages.hpp"
#include "run/engine_report.hpp"

namespace cicada::cluster {

/// The master's wall clock as a worker knows it from heartbeats: its own may be wrong by hours.
///
/// Error: half of the quickest round trip of those remembered.
class MasterClock {
public:
    static constexpr std::size_t kRemembered = 64;  ///< answers; 16 s of heartbeats

    /// An answer to a heartbeat came. A worker's `sent_at` is by its steady clock.
    void learn(const Beat& answer, base::TimePoint now);

    /// Forgets everything: it is another master.
    void forget() { samples_.clear(); }

    /// The master's time at `at`; nothing: not known yet.
    [[nodiscard]] std::optional<base::WallTime> at(base::TimePoint at) const;

private:
    struct Sample {
        std::chrono::nanoseconds round_trip{};
        std::chrono::nanoseconds ahead{};  ///< the master's wall clock, of our steady clock
    };
    std::deque<Sample> samples_;
};

/// Moves the times of all that was measured: `by` is added. Counts of whole seconds move by whole
/// seconds, the nearest.
void shift(stats::Delta& delta, std::chrono::nanoseconds by);

}  // namespace cicada::cluster
