// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "fiber/scheduler.hpp"
#include "run/answers.hpp"
#include "run/dry_run.hpp"
#include "run/engine.hpp"
#include "run/outcome.hpp"
#include "run/run_machine.hpp"
#include "run/snapshot.hpp"

namespace cicada::run {

struct VirtualRunOptions {
    fiber::SchedulerOptions scheduler{};
    EngineOptions engine{};
    MachineOptions machine{};                   ///< its course and classes are found out
    const user::LoadPlan* load_plan = nullptr;  ///< if the test has one
    Target target{};
    Answers* answers = nullptr;  ///< to every request; outlives the run

    /// The program was asked to end; looked at once a second of the run's time. Empty: it never is.
    std::function<bool()> asked_to_end{};

    /// What the `quit` listeners are told. Empty: 0.
    std::function<int(const Outcome&)> exit_code{};
};

/// What a run in virtual time came to.
struct VirtualRun {
    std::shared_ptr<const Snapshot> last{};
    Outcome outcome{};
    int exit_code = 0;
    DryRun course{};
};

/// Runs a whole test, its engine and its control in one thread, the calling one, on a clock that
/// jumps to the next moment at which something happens. No socket is touched: whoever waits for a
/// descriptor gets an error that names the call. The same seed gives the same run.
///
/// Error: as RunMachine::start. Throws base::Error as LocalRun's constructor, and
///        std::runtime_error when time stands still, as somebody neither waits nor ends.
[[nodiscard]] base::Result<VirtualRun> run_in_virtual_time(
    const std::vector<const user::Declaration*>& classes, const VirtualRunOptions& options);

}  // namespace cicada::run
