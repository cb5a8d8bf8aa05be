// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cluster/cicada_member.hpp"
#include "cluster/cluster.hpp"
#include "cluster/locust_member.hpp"
#include "cluster/messages.hpp"
#include "run/run_machine.hpp"

namespace cicada::cluster {

struct MasterOptions {
    run::MachineOptions machine{};
    std::uint64_t reign = 1;                   ///< drawn when the master starts; never 0
    std::uint64_t seed = 0;                    ///< of all random choices
    std::optional<std::int64_t> iterations{};  ///< in the whole test
    bool rebalance = false;                    ///< --enable-rebalancing
    std::chrono::nanoseconds missing_after = std::chrono::seconds(5);
    std::chrono::nanoseconds stop_timeout{};
    LocustTerms locust{};
    LeaseDeskOptions lease{};

    /// Options of the command line that Cicada workers take from their master.
    std::vector<std::pair<std::string, std::string>> worker_settings{};
};

/// When a test is to start by itself.
struct ExpectedWorkers {
    std::int64_t count = 1;
    std::optional<std::chrono::nanoseconds> max_wait{};  ///< nothing: wait for ever
};

/// All that a master decides: who its workers are, and, through a run::RunMachine over a Cluster,
/// what they do. Pure: (message, time) in, messages out; no thread, no socket, no clock.
class MasterMachine {
public:
    /// A worker of unknown make that does not say cicada_hello within this is one for Locust.
    static constexpr std::chrono::milliseconds kHelloTime{3000};
    static constexpr std::size_t kMostWorkers = 20'000;
    static constexpr std::size_t kMostIndices = 1'000'000;  ///< worker ids remembered
    static constexpr double kCpuWarning = 90;               ///< percent
    static constexpr double kMostPerWorker = 100;           ///< users/s, before there is a warning
    /// What only the figures changed by goes on to the state machine so often.
    static constexpr std::chrono::milliseconds kSumPeriod{100};

    /// `classes`: of the plan; those of open models stand in options.machine. `own`: the master's
    /// engine, which outlives this.
    MasterMachine(std::vector<run::ClassShare> classes,
                  const MasterOptions& options,
                  run::EngineLink& own,
                  const run::Moment& now);

    base::Result<void> start(const run::Target& target, const run::Moment& now);

    /// start() as soon as so many workers have loaded the test. Too late: the run is given up.
    void start_when_ready(const run::Target& target,
                          const ExpectedWorkers& expected,
                          const run::Moment& now);
    void stop(const run::Moment& now);
    void quit(const run::Moment& now);
    void pause(const run::Moment& now);
    void resume(const run::Moment& now);
    void reset_statistics(const run::Moment& now);

    void on_message(const std::string& id, FromWorker&& message, const run::Moment& now);

    /// What came from `id` was no message.
    void on_rubbish(const std::string& id, const std::string& why, const run::Moment& now);
    void on_own_report(run::EngineReport&& report, const run::Moment& now);
    void on_time(const run::Moment& now);

    /// When on_time() is due.
    [[nodiscard]] base::TimePoint next_deadline() const;

    /// What is to be sent now.
    [[nodiscard]] std::vector<Outgoing> take_outgoing(const run::Moment& now);

    [[nodiscard]] run::Snapshot snapshot(const run::Moment& now) const;
    // Of worker processes that this program has started itself, and whose journals it can read.

    /// No report of it is merged from now on; returns the number of the last that was.
    std::uint64_t close_reports(const std::string& id,
                                std::uint64_t incarnation,
                                const run::Moment& now);
    /// What it had recorded after that report. It is not a worker any more.
    void take_last_words(const std::string& id,
                         std::uint64_t incarnation,
                         run::EngineReport&& report,
                         const run::Moment& now);
    void disable_task(const std::string& label, const run::Moment& now);
    void stop_for_crash(const std::string& why, const run::Moment& now);
    [[nodiscard]] bool crashed() const { return crashed_; }
    [[nodiscard]] bool quitting() const { return cluster_.leaving(); }

    void add(const stats::MachineUse& use) { run_.add(use); }
    void warn(const std::string& line) { run_.warn(line); }

    [[nodiscard]] const run::RunMachine& run() const { return run_; }
    [[nodiscard]] const Cluster& cluster() const { return cluster_; }
    [[nodiscard]] const std::string& given_up() const;

private:
    struct Waiting {
        run::Target target{};
        ExpectedWorkers expected{};
        base::TimePoint until = base::TimePoint::max();
        std::size_t told = SIZE_MAX;  ///< so many were there when a person was last told
    };

    // master_machine_messages.cpp
    void on(const std::string& id, from_worker::ClientReady&& ready);
    void on(const std::string& id, from_worker::AskForTest&& ask);
    void on(const std::string& id, from_worker::Heartbeat&& heartbeat);
    void on(const std::string& id, from_worker::Spawning&& spawning);
    void on(const std::string& id, from_worker::SpawningComplete&& complete);
    void on(const std::string& id, from_worker::LocustStats&& stats);
    void on(const std::string& id, from_worker::ExceptionRaised&& exception);
    void on(const std::string& id, from_worker::Logs&& logs);
    void on(const std::string& id, from_worker::ClientStopped&& stopped);
    void on(const std::string& id, from_worker::Quit&& quit);
    void on(const std::string& id, from_worker::Custom&& custom);
    void on(const std::string& id, from_worker::Hello&& hello);
    void on(const std::string& id, from_worker::Report&& report);
    void on(const std::string& id, from_worker::CommandsDone&& done);
    void on(const std::string& id, from_worker::WorkerLog&& log);
    void on(const std::string& id, from_worker::AskForPart&& ask);
    void on(const std::string& id, from_worker::TestMisfit&& misfit);
    void add_locust(const std::string& id);
    void add_cicada(const std::string& id, const from_worker::Hello& hello);
    void welcome(CicadaMember& member);
    void refuse(const std::string& id, std::uint64_t incarnation, const std::string& why);
    [[nodiscard]] std::optional<std::int64_t> index_of(const std::string& id);
    [[nodiscard]] LocustMember* locust(const std::string& id);
    [[nodiscard]] CicadaMember* cicada(const std::string& id);
    void reply(const std::string& id, FromMaster message);
    void gain(const std::string& id, Gain&& gain);
    void note_joined(const Member& member);

    // master_machine.cpp
    void begin(const run::Moment& now);
    void settle();
    void look_at_members();
    void lose(Member& member);
    void add_uncertain(Member& member);
    void begin_if_ready();
    void move_users();
    void stop_without_workers();
    [[nodiscard]] bool is_silent(const Member& member) const;

    MasterOptions options_;
    std::vector<std::string> classes_;
    Cluster cluster_;
    run::RunMachine run_;
    run::Moment now_{};
    std::map<std::string, std::int64_t> indices_{};
    std::map<std::string, base::TimePoint> unknown_make_{};  ///< ids, and when they are Locust's
    std::set<std::string> warned_of_{};                      ///< unknown ids
    std::size_t rubbish_told_ = 0;
    std::vector<Outgoing> replies_{};
    std::optional<Waiting> waiting_{};
    std::string given_up_{};
    bool crashed_ = false;
    bool has_processes_ = false;                     ///< of this program; one of them has died
    std::map<std::uint64_t, std::uint64_t> gone_{};  ///< incarnations, and their last reports
    bool changed_ = true;                            ///< what the members are, since the last sum
    run::EngineReport last_sum_{};
    base::TimePoint next_sum_at_{};
    base::TimePoint next_move_at_{};
    base::TimePoint next_look_at_{};
    std::optional<base::TimePoint> alone_since_{};
};

}  // namespace cicada::cluster
