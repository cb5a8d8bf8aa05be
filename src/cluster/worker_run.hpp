// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cluster/codec.hpp"
#include "cluster/dealer.hpp"
#include "cluster/log_tail.hpp"
#include "cluster/worker_machine.hpp"
#include "fiber/scheduler.hpp"
#include "run/control.hpp"
#include "run/engine_thread.hpp"
#include "run/report_queue.hpp"
#include "run/test_classes.hpp"
#include "run/traffic.hpp"
#include "run/usage_monitor.hpp"

namespace cicada::cluster {

struct WorkerRunOptions {
    fiber::SchedulerOptions scheduler{};
    run::EngineOptions engine{};
    WorkerOptions worker{};  ///< without what this class knows itself
    DealerOptions master{};  ///< where it is; `id` is ours
    std::shared_ptr<LogTail> log = std::make_shared<LogTail>();  ///< what the master hears of ours

    /// Called once, on the control thread, when the program may end.
    std::function<void()> on_finished{};
};

/// `<hostname>_<32 hex digits>`: another one each time. Source: Locust, runners.py.
[[nodiscard]] std::string new_node_id();

/// A node that runs users for a master elsewhere: an engine thread, and a control thread that
/// speaks with the master whatever user code does.
///
/// As a RunControl it can be watched and ended; all else is the master's to say.
class WorkerRun final : public run::RunControl {
public:
    /// Starts both threads and waits for the `init` listeners.
    ///
    /// Shape: `classes` is not empty and outlives this.
    /// Error: base::Error when a listener has thrown, there is no event loop to be had, or the
    ///        master's address is none.
    WorkerRun(const run::TestClasses& classes, WorkerRunOptions options);
    ~WorkerRun() override;

    base::Result<void> start(const run::Target& target) override;
    void stop() override {}
    void stop_and_wait() override {}
    void quit() override;  ///< ends the test here, delivers what was measured
    void pause() override {}
    void resume() override {}
    void reset_statistics() override {}
    [[nodiscard]] std::shared_ptr<const run::Snapshot> snapshot() const override;

    /// Waits until the program may end.
    void wait_until_finished();

    /// Calls the `quit` listeners and ends both threads. After wait_until_finished(), once.
    void end(int exit_code);

    /// What the program returns: what the test asked for, else how the worker's own part ended.
    [[nodiscard]] int exit_code() const;

private:
    class Wire;

    void complete_options(const run::TestClasses& classes);
    void run_control();
    base::TimePoint control_once();
    bool receive_all(const Moment& now);
    void take_reports(const Moment& now);
    void after_change();
    [[nodiscard]] Usage usage();
    [[nodiscard]] static Moment moment();

    WorkerRunOptions options_;
    run::Traffic traffic_;
    run::Bell bell_;
    std::optional<run::EngineThread> engine_;
    std::unique_ptr<Wire> wire_;
    Decoder decoder_;

    mutable std::mutex mutex_;  ///< of the next six; the engine's thread never takes it
    std::condition_variable changed_;
    std::unique_ptr<WorkerMachine> machine_;
    stats::MachineUse machine_use_{};  ///< that no report has carried yet
    run::UsageMonitor monitor_;
    std::optional<Usage> usage_{};
    base::TimePoint next_look_at_usage_{};
    bool told_finished_ = false;
    bool ending_ = false;

    mutable std::mutex snapshot_mutex_;
    std::shared_ptr<const run::Snapshot> snapshot_;  ///< shared with its readers

    std::thread control_thread_;
};

}  // namespace cicada::cluster
