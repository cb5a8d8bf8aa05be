// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "run/control.hpp"
#include "run/run_machine.hpp"
#include "user/declaration.hpp"
#include "user/limit_progress.hpp"
#include "user/load_plan.hpp"

namespace cicada::run {

struct DryRunOptions {
    Target target{};
    MachineOptions machine{};                   ///< its course and classes are found out
    const user::LoadPlan* load_plan = nullptr;  ///< if the test has one
    CommonOptions common_options{};
    std::uint64_t seed = 0;
    std::optional<std::int64_t> iterations{};  ///< of the whole test
};

/// What a test would do over time: users, arrivals, how far its limits are used up.
///
/// Of a plan (dry_run) or of users in virtual time (run_in_virtual_time).
struct DryRun {
    static constexpr std::chrono::hours kLongest{24 * 7};
    static constexpr std::size_t kMostPoints = 40;

    /// One moment of it. Vectors are in the order of `classes`, `pools` and `limits`.
    struct Point {
        std::chrono::nanoseconds at{};
        std::int64_t users = 0;
        std::vector<std::int64_t> of_class{};
        std::vector<double> rates{};  ///< arrivals per second: planned, or since the point before
        std::string course{};         ///< as Snapshot::course
        std::vector<std::int64_t> limits{};     ///< used up by then; 0 where it is not known
        std::optional<double> answers_per_s{};  ///< in virtual time: since the point before
    };

    /// One class of an open model over the whole test.
    struct Pool {
        std::string name{};
        std::uint64_t planned = 0;  ///< arrivals
        double highest_rate = 0;    ///< per second, at the points
        std::int64_t max_users = 0;
        std::optional<std::int64_t> most_users{};  ///< in virtual time: there were
    };

    /// One limit.
    struct Limit {
        user::LimitProgress end{};  ///< as it stands then
        bool is_known = true;       ///< else `done` says nothing: it depends on the target
        std::optional<std::chrono::nanoseconds> reached_at{};
    };

    std::vector<std::string> classes{};  ///< of users<>()
    std::vector<Pool> pools{};
    std::vector<Limit> limits{};
    std::vector<Point> points{};          ///< at round times, the end is the last
    std::chrono::nanoseconds duration{};  ///< of the test, or until nothing changes any more
    bool cut_short = false;               ///< in virtual time: somebody did not wait for the end
    bool has_end = false;                 ///< the test would end then
    std::int64_t most_users = 0;
    std::chrono::nanoseconds most_users_at{};
    std::string given_up{};  ///< why a load shape would give the test up; empty: it would not
};

/// Between two points of a run of that length: a time that reads well.
[[nodiscard]] std::chrono::nanoseconds point_step(std::chrono::nanoseconds length);

/// Runs the machine of a test against an engine that only counts, in virtual time. Of user code
/// only the tick() of a load shape is called. Shape: a test that goes on for ever is followed until
/// nothing changes any more, or for kLongest.
/// Error: as RunMachine::start.
[[nodiscard]] base::Result<DryRun> dry_run(const std::vector<const user::Declaration*>& classes,
                                           const DryRunOptions& options);

}  // namespace cicada::run
