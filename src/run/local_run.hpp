// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fiber/scheduler.hpp"
#include "run/control.hpp"
#include "run/engine.hpp"
#include "run/machine_watch.hpp"
#include "run/outcome.hpp"
#include "run/report_queue.hpp"
#include "run/resources.hpp"
#include "run/run_machine.hpp"
#include "run/watchdog.hpp"

namespace cicada::run {

struct LocalRunOptions {
    fiber::SchedulerOptions scheduler{};
    EngineOptions engine{};
    MachineOptions machine{};
    const user::LoadPlan* load_plan = nullptr;  ///< if the test has one; outlives the run

    /// Called once, on the control thread, when the program may end: after quit(), or after the
    /// test if the machine's options say so.
    std::function<void()> on_finished{};
};

/// A run on this machine alone: an engine thread that runs the users, and a control thread that
/// paces them, ends the test in time and keeps the totals.
///
/// The two exchange messages only; no wait for user code happens on the control thread.
class LocalRun final : public RunControl {
public:
    /// Starts both threads and waits for the `init` listeners.
    ///
    /// Shape: `classes` is not empty and outlives this.
    /// Error: base::Error when a listener has thrown, or there is no event loop to be had.
    LocalRun(const std::vector<const user::Declaration*>& classes, LocalRunOptions options);

    /// Quits if nobody has, and waits for the end.
    ~LocalRun() override;

    base::Result<void> start(const Target& target) override;
    void stop() override;
    void stop_and_wait() override;
    void quit() override;
    void pause() override;
    void resume() override;
    void reset_statistics() override;
    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override;

    /// Waits until the program may end: the `quitting` listeners have returned.
    void wait_until_finished();

    /// Calls the `quit` listeners and ends both threads. After wait_until_finished(), once.
    void end(int exit_code);

    [[nodiscard]] Outcome outcome() const;

private:
    void run_engine(const std::vector<const user::Declaration*>& classes);
    void wait_for_engine();
    void engine_is_up();
    void run_until_dismissed() noexcept;
    void run_control();
    base::TimePoint control_once();
    void look_at_engine(const Moment& now);
    void look_at_machine(const Moment& now);
    void after_change(const Moment& now);
    [[nodiscard]] static Moment moment();

    LocalRunOptions options_;
    Resources resources_;
    Bell bell_;
    ReportQueue reports_;

    // Made and destroyed by the engine's thread; control uses them only while that thread runs.
    std::unique_ptr<fiber::Scheduler> scheduler_;
    std::unique_ptr<Engine> engine_;

    std::mutex start_mutex_;  ///< of the next three
    std::condition_variable engine_answered_;
    bool engine_is_up_ = false;
    std::exception_ptr engine_failure_;

    mutable std::mutex mutex_;  ///< of the next seven; the engine's thread never takes it
    std::condition_variable changed_;
    std::unique_ptr<RunMachine> machine_;
    Watchdog watchdog_;
    MachineWatch machine_watch_;
    base::TimePoint next_look_at_machine_{};
    bool told_finished_ = false;
    bool ending_ = false;

    mutable std::mutex snapshot_mutex_;
    std::shared_ptr<const Snapshot> snapshot_;  ///< shared with its readers

    std::thread engine_thread_;
    std::thread control_thread_;
};

/// Why no user could send anything to `host`; nothing: they can.
[[nodiscard]] std::optional<std::string> complaint_about_host(const std::string& host);

}  // namespace cicada::run
