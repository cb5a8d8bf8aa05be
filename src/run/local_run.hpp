// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fiber/scheduler.hpp"
#include "run/engine_thread.hpp"
#include "run/report_queue.hpp"
#include "run/run_machine.hpp"
#include "run/test_classes.hpp"
#include "run/whole_run.hpp"

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
class LocalRun final : public WholeRun {
public:
    /// Starts both threads and waits for the `init` listeners.
    ///
    /// Shape: `classes` is not empty and outlives this.
    /// Error: base::Error when a listener has thrown, or there is no event loop to be had.
    LocalRun(const std::vector<const user::Declaration*>& classes, LocalRunOptions options);

    /// Quits if nobody has, and waits for the end.
    ~LocalRun() override;

    base::Result<void> start(const Target& target) override;
    base::Result<void> begin(const Target& target) override { return start(target); }
    void stop() override;
    void stop_and_wait() override;
    void quit() override;
    void pause() override;
    void resume() override;
    void reset_statistics() override;
    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override;

    void wait_until_finished() override;
    void end(int exit_code) override;
    [[nodiscard]] Outcome outcome() const override;

private:
    void run_control();
    base::TimePoint control_once();
    void after_change(const Moment& now);
    [[nodiscard]] static Moment moment();

    LocalRunOptions options_;
    TestClasses classes_;
    Bell bell_;
    std::optional<EngineThread> engine_;

    mutable std::mutex mutex_;  ///< of the next four; the engine's thread never takes it
    std::condition_variable changed_;
    std::unique_ptr<RunMachine> machine_;
    bool told_finished_ = false;
    bool ending_ = false;

    mutable std::mutex snapshot_mutex_;
    std::shared_ptr<const Snapshot> snapshot_;  ///< shared with its readers

    std::thread control_thread_;
};

/// Why no user could send anything to `host`; nothing: they can.
[[nodiscard]] std::optional<std::string> complaint_about_host(const std::string& host);

}  // namespace cicada::run
