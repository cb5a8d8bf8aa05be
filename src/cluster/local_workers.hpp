// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "cluster/crash_policy.hpp"
#include "cluster/journal_reading.hpp"
#include "cluster/processes.hpp"

namespace cicada::cluster {

/// What worker processes need of their master. Each may be called on any thread.
struct MasterCalls {
    /// No report of that worker and incarnation is merged from now on; returns the number of the
    /// last that was.
    std::function<std::uint64_t(const std::string& node_id, std::uint64_t incarnation)>
        close_reports;
    /// What a worker had recorded after that report; its `delta` says what is uncertain.
    std::function<void(
        const std::string& node_id, std::uint64_t incarnation, run::EngineReport report)>
        take_last_words;
    std::function<void(const std::string& task)> disable_task;
    std::function<void(const std::string& why)> stop_for_crash;
    std::function<bool()> quitting;  ///< the workers have been told to end
};

struct LocalWorkersOptions {
    ProcessOptions processes{};  ///< without on_death
    OnCrash on_crash = OnCrash::Disable;
    std::function<bool(const std::string& label)> is_task{};
    MasterCalls master{};
};

/// The worker processes of a master on its own machine: brings what a dead one had recorded to the
/// master, says how it died, and starts it again.
class LocalWorkers {
public:
    /// Error: base::Error when one cannot be started.
    explicit LocalWorkers(LocalWorkersOptions options);

    /// See Processes::end().
    std::size_t end(std::chrono::nanoseconds patience) { return processes_.end(patience); }

private:
    std::optional<std::chrono::nanoseconds> on_death(const ProcessDeath& death);
    [[nodiscard]] std::optional<Crash> bring_last_words(const ProcessDeath& death);
    void follow(const Consequence& consequence, std::size_t process);

    LocalWorkersOptions options_;
    CrashPolicy policy_;
    Processes processes_;  ///< the last: its thread uses the others
};

}  // namespace cicada::cluster
