// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "run/answer_counts.hpp"
#include "run/arrival_progress.hpp"
#include "stats/totals.hpp"
#include "user/limit_progress.hpp"

namespace cicada::run {

/// Source of the names: Locust, runners.py.
enum class State : std::uint8_t { Ready, Spawning, Running, Cleanup, Stopping, Stopped, Missing };

/// "ready", "spawning", ...
[[nodiscard]] std::string_view name_of(State state);

/// How a threshold stands.
struct GoalResult {
    std::string text{};             ///< as it was written
    std::string actual{};           ///< "183 ms", or why there is no value
    std::optional<double> value{};  ///< in `unit`
    std::string unit{};             ///< "ms", "ratio", "per_s", or nothing for a number
    bool passed = false;
    bool may_still_pass = false;  ///< a test that goes on could reach it yet
};

/// How far a test is that its run time or its limits will end.
struct Progress {
    double part = 0;                                      ///< from 0 to 1
    std::optional<std::chrono::nanoseconds> time_left{};  ///< nothing: not known yet
    bool by_limits = false;                               ///< they come before the run time
};

/// A worker as its master shows it.
struct WorkerView {
    std::string id{};
    std::int64_t index = 0;
    State state = State::Ready;
    std::int64_t user_count = 0;
    double cpu_percent = 0;
    std::optional<std::int64_t> memory_bytes{};
};

/// All that a face of the run (console, files, page) shows, at one moment. A plain value: a cluster
/// fills it from many nodes.
struct Snapshot {
    State state = State::Ready;
    std::string host;       ///< as it was given; may be empty
    std::string profile{};  ///< --profile; may be empty
    std::int64_t user_count = 0;
    std::int64_t target_user_count = 0;
    std::map<std::string, std::int64_t> user_class_counts;
    std::vector<ArrivalProgress> arrivals{};  ///< of each class of an open model
    base::WallTime start_time{};              ///< of the present or last test
    std::chrono::nanoseconds elapsed{};       ///< of the present or last test, without its pauses
    std::chrono::nanoseconds run_time{};      ///< its limit; 0: none, or not known yet
    bool paused = false;
    std::string course{};  ///< "stage 2 of 5", "load shape Steps"; empty: a person says how many
    std::shared_ptr<const stats::Totals> statistics;  ///< never null
    std::vector<user::LimitProgress> limits{};        ///< of the present or last test
    std::vector<WorkerView> workers{};                ///< of a master
    std::optional<Progress> progress{};               ///< of the running test, if its end is known
    std::vector<std::string> warnings;                ///< one line each, shown to the person
    std::optional<AnswerCounts> dry_run{};  ///< there were no servers; nothing: there were
    std::vector<GoalResult> thresholds;     ///< at the last report; empty: none, or no test yet
};

/// Whether the figures can be believed: what the statistics say of themselves, and, once the test
/// is over, whether it has measured anything.
[[nodiscard]] stats::Verdict verdict_of(const Snapshot& snapshot);

/// All that a person should know before believing the figures, each line once: the run's warnings,
/// what the statistics say of themselves, and the verdict's reasons.
[[nodiscard]] std::vector<std::string> warnings_of(const Snapshot& snapshot);

}  // namespace cicada::run
