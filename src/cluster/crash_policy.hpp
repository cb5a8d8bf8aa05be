// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cicada::cluster {

/// What two crashes in one task lead to.
enum class OnCrash : std::uint8_t { Disable, Stop };

/// What follows from the death of a worker process. Each may hold beside the others.
struct Consequence {
    std::optional<std::chrono::nanoseconds> restart_after{};  ///< nothing: it is not started again
    std::size_t restart = 0;                                  ///< the how manieth that is, from 1
    std::optional<std::string> disable{};                     ///< no user begins this task any more
    std::optional<std::string> stop{};                        ///< the run ends, and why
};

/// Decides what becomes of worker processes that die, and of the tasks they died in. Pure.
class CrashPolicy {
public:
    static constexpr std::size_t kMostRestarts = 3;        ///< of one process
    static constexpr std::chrono::seconds kFirstPause{1};  ///< before a restart; doubled each time
    static constexpr std::size_t kMostCrashes = 2;         ///< of one task

    /// `is_task`: whether a label names a task that can be disabled.
    CrashPolicy(std::size_t processes,
                OnCrash on_crash,
                std::function<bool(const std::string& label)> is_task);

    /// `process`: its place, from 0. `label`: what it died in; empty: nobody knows.
    [[nodiscard]] Consequence on_death(std::size_t process, const std::string& label);

private:
    [[nodiscard]] std::optional<std::string> reason_to_stop(const std::string& label) const;

    OnCrash on_crash_;
    std::function<bool(const std::string&)> is_task_;
    std::vector<std::size_t> restarts_;  ///< of each process
    std::vector<bool> gone_;             ///< for good
    std::map<std::string, std::size_t> crashes_;
};

}  // namespace cicada::cluster
