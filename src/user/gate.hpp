// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/sync.hpp>

#include "base/clock.hpp"

namespace cicada::user {

/// Where users wait before their next task while the run is paused; and the run's own clock, which
/// stands still meanwhile.
///
/// Threads: the engine's.
class Gate {
public:
    void close(base::TimePoint now);
    void open(base::TimePoint now);  ///< one that is open: nothing
    [[nodiscard]] bool closed() const { return closed_; }

    /// Suspends until it is open.
    void pass() {
        while (closed_) [[unlikely]] {
            opened_.wait();
        }
    }

    /// How long it has been closed, in sum.
    [[nodiscard]] std::chrono::nanoseconds closed_for(base::TimePoint now) const;

    /// Of a new test: open, and never closed before.
    void reset();

private:
    bool closed_ = false;
    base::TimePoint since_{};
    std::chrono::nanoseconds sum_{};
    Event opened_;
};

}  // namespace cicada::user
