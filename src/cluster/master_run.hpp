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
#include "cluster/master_machine.hpp"
#include "cluster/router.hpp"
#include "cluster/test_store.hpp"
#include "fiber/scheduler.hpp"
#include "run/engine_thread.hpp"
#include "run/report_queue.hpp"
#include "run/test_classes.hpp"
#include "run/whole_run.hpp"

namespace cicada::cluster {

struct MasterRunOptions {
    fiber::SchedulerOptions scheduler{};
    run::EngineOptions engine{};
    MasterOptions master{};
    RouterOptions router{};
    ExpectedWorkers expected{};
    std::shared_ptr<const TestStore> test{};    ///< for workers without one; null: they get none
    const user::LoadPlan* load_plan = nullptr;  ///< if the test has one; outlives the run

    /// Called once, on the control thread, when the program may end.
    std::function<void()> on_finished{};
};

/// A run on many workers: an engine thread for the master's own user code (listeners, load shape,
/// messages), and a control thread that speaks with the workers, whatever that code does.
class MasterRun final : public run::WholeRun {
public:
    /// Starts both threads and waits for the `init` listeners.
    ///
    /// Shape: the declarations in `classes` outlive this.
    /// Error: base::Error when the port is taken, a listener has thrown, or there is no event loop
    ///        to be had.
    MasterRun(const run::TestClasses& classes, MasterRunOptions options);

    /// Quits if nobody has, and waits for the end.
    ~MasterRun() override;

    base::Result<void> start(const run::Target& target) override;
    base::Result<void> begin(const run::Target& target) override;
    void stop() override;
    void stop_and_wait() override;
    void quit() override;
    void pause() override;
    void resume() override;
    void reset_statistics() override;
    [[nodiscard]] std::shared_ptr<const run::Snapshot> snapshot() const override;
    void wait_until_finished() override;
    void end(int exit_code) override;
    [[nodiscard]] run::Outcome outcome() const override;

    // For worker processes of this program; see MasterMachine. Threads: any.
    std::uint64_t close_reports(const std::string& id, std::uint64_t incarnation);
    void take_last_words(const std::string& id,
                         std::uint64_t incarnation,
                         run::EngineReport report);
    void disable_task(const std::string& label);
    void stop_for_crash(const std::string& why);
    [[nodiscard]] bool quitting() const;

    [[nodiscard]] std::uint16_t port() const { return router_.port(); }

private:
    static constexpr std::size_t kMostAtOnce = 1'000;  ///< messages, before time is looked at again
    static constexpr std::chrono::milliseconds kSnapshotPeriod{100};

    void run_control();
    base::TimePoint control_once();
    std::size_t receive(const run::Moment& now);
    [[nodiscard]] bool answer_about_test(const Router::Received& from, const FromWorker& message);
    void send(std::vector<Outgoing> messages);
    void show(const run::Moment& now);
    template <class Command>
    void command(Command command);
    [[nodiscard]] static run::Moment moment();

    MasterRunOptions options_;
    run::Bell bell_;
    Router router_;  ///< the control thread's
    Decoder decoder_{};
    std::optional<run::EngineThread> engine_;

    mutable std::mutex mutex_;  ///< of the next five; the engine's thread never takes it
    std::condition_variable changed_;
    std::unique_ptr<MasterMachine> machine_;
    bool told_finished_ = false;
    bool ending_ = false;
    base::TimePoint next_snapshot_at_{};

    mutable std::mutex snapshot_mutex_;
    std::shared_ptr<const run::Snapshot> snapshot_;  ///< shared with its readers

    std::thread control_thread_;
};

}  // namespace cicada::cluster
