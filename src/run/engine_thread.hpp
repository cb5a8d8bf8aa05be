// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "fiber/scheduler.hpp"
#include "run/engine.hpp"
#include "run/machine_watch.hpp"
#include "run/report_queue.hpp"
#include "run/resources.hpp"
#include "run/watchdog.hpp"
#include "stats/machine_use.hpp"

namespace cicada::run {

/// An engine on a thread of its own: every node of a run has one.
///
/// Threads: any may use engine(). Reports and look() are for one thread at a time, control's.
class EngineThread {
public:
    /// Claims the machine's resources, starts the thread and waits for the `init` listeners.
    ///
    /// Shape: `classes` in the engine's order; they and `bell` outlive this. The bell is rung when
    ///        there is a report.
    /// Error: base::Error when a listener has thrown, or there is no event loop to be had.
    EngineThread(std::vector<const user::Declaration*> classes,
                 fiber::SchedulerOptions scheduler,
                 const EngineOptions& options,
                 Bell& bell);
    EngineThread(const EngineThread&) = delete;
    EngineThread& operator=(const EngineThread&) = delete;
    ~EngineThread();  ///< end(0), if nobody has

    [[nodiscard]] Engine& engine() { return *engine_; }
    [[nodiscard]] const Resources& resources() const { return resources_; }
    [[nodiscard]] std::optional<EngineReport> take_report() { return reports_.try_pop(); }

    /// What the machine did to the engine since the last call. Logs who holds the engine, and which
    /// lock nobody gives back. Each Watchdog::kPeriod, so that nothing is overlooked.
    [[nodiscard]] stats::MachineUse look(base::TimePoint now);

    /// Calls the `quit` listeners and ends the thread; then engine() is gone. Once.
    void end(int exit_code);

private:
    void run(const std::vector<const user::Declaration*>& classes,
             const fiber::SchedulerOptions& scheduler,
             const EngineOptions& options);
    void wait_until_up();
    void tell_that_it_is_up();
    void run_until_dismissed() noexcept;

    Resources resources_;
    Bell& bell_;
    ReportQueue reports_;

    // Made and destroyed by the engine's thread; others use them only while that thread runs.
    std::unique_ptr<fiber::Scheduler> scheduler_;
    std::unique_ptr<Engine> engine_;

    std::mutex mutex_;  ///< of the next three
    std::condition_variable answered_;
    bool is_up_ = false;
    std::exception_ptr failure_;

    Watchdog watchdog_;
    MachineWatch machine_watch_;
    base::TimePoint next_look_at_machine_{};

    std::thread thread_;
};

}  // namespace cicada::run
