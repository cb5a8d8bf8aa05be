// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "run/snapshot.hpp"

namespace cicada::run {

/// What the load should become. Where the test itself says how many users there are (a load shape
/// or stages), `users` and `spawn_rate` say nothing.
struct Target {
    std::int64_t users = 1;             ///< 0 to 10,000,000
    double spawn_rate = 1;              ///< users per second, above 0
    std::optional<std::string> host{};  ///< replaces the one given before
    std::optional<std::chrono::nanoseconds> run_time{};
};

/// The run as its faces see it, whether it is local or a cluster's.
///
/// Threads: any. No call waits for user code but stop_and_wait().
class RunControl {
public:
    RunControl() = default;
    RunControl(const RunControl&) = delete;
    RunControl& operator=(const RunControl&) = delete;
    virtual ~RunControl() = default;

    /// Starts a test, or changes the number of users of the one that runs.
    /// Error: a sentence for the person, e.g. a host is missing.
    virtual base::Result<void> start(const Target& target) = 0;

    /// Stops the users gracefully; the program goes on.
    virtual void stop() = 0;

    /// stop(), and returns when the last user has ended.
    virtual void stop_and_wait() = 0;

    /// Ends the program after a stop.
    virtual void quit() = 0;

    /// No user begins a task until resume(); what is under way goes on. Spawning rests, and so do
    /// the clocks of the run time, of stages, shapes and arrivals. Without a test: nothing.
    virtual void pause() = 0;
    virtual void resume() = 0;

    /// Zeroes the statistics; rows stay, as in Locust.
    virtual void reset_statistics() = 0;

    /// At most a second old. Cheap to call often: an unchanged one is shared.
    [[nodiscard]] virtual std::shared_ptr<const Snapshot> snapshot() const = 0;
};

}  // namespace cicada::run
