// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "cluster/codec.hpp"
#include "cluster/dealer.hpp"
#include "cluster/log_tail.hpp"
#include "cluster/worker_machine.hpp"
#include "run/engine_link.hpp"

namespace cicada::cluster {

/// What a simulated worker claims to measure.
struct SimulatedLoad {
    std::size_t names = 200;   ///< entries that changed since the last report
    std::size_t buckets = 40;  ///< of each, that differ
    std::chrono::nanoseconds period = std::chrono::seconds(3);  ///< between reports

    /// Requests in a report.
    [[nodiscard]] std::uint64_t requests() const { return names * buckets; }
};

/// An engine on paper: users are numbers, and what it measures is made up.
class SimulatedEngine final : public run::EngineLink {
public:
    /// `times`: of each entry, with so many buckets; shared by all engines.
    SimulatedEngine(const SimulatedLoad& load,
                    const std::vector<stats::EntryDelta>& entries,
                    std::size_t classes);

    void begin_test(const run::TestBegin& begin) override;
    void take_step(run::SpawnStep step) override;
    void pause() override {}
    void resume() override {}
    void announce_spawned(std::int64_t) override {}
    void end_test() override;
    void reset_statistics(std::uint64_t epoch) override;
    void tell(const run::RunNews&) override {}
    void leave() override;
    void deliver(run::Letter) override {}
    void disable_task(std::string) override {}
    void grant(const run::LeaseGrant&) override {}
    void recall(run::LeaseKey, std::int64_t) override {}
    void close(run::LeaseKey) override {}

    /// How far it is, if that changed, and with figures if it is time for them.
    [[nodiscard]] std::optional<run::EngineReport> take_report(const Moment& now);
    [[nodiscard]] base::TimePoint next_report() const;
    [[nodiscard]] std::uint64_t requests() const { return requests_; }  ///< reported

private:
    SimulatedLoad load_;
    const std::vector<stats::EntryDelta>& entries_;
    run::EngineReport status_;
    std::unordered_map<std::int64_t, std::uint32_t> class_of_;  ///< of each user, by its number
    bool testing_ = false;
    bool changed_ = true;
    base::TimePoint next_figures_ = base::TimePoint::max();
    std::uint64_t requests_ = 0;
};

/// A worker that speaks the whole protocol and runs nothing.
class SimulatedWorker {
public:
    SimulatedWorker(const WorkerOptions& worker,
                    const DealerOptions& dealer,
                    const SimulatedLoad& load,
                    const std::vector<stats::EntryDelta>& entries,
                    const Moment& now);

    /// Does all there is to do now, and returns when there is more at the latest.
    base::TimePoint run_once(Decoder& decoder);

    [[nodiscard]] int descriptor() const { return link_.dealer.descriptor(); }
    [[nodiscard]] bool finished() const { return machine_.finished(); }
    [[nodiscard]] const std::string& failure() const { return machine_.failure(); }
    [[nodiscard]] std::int64_t users() const { return machine_.engine().user_count; }
    [[nodiscard]] std::uint64_t requests() const { return engine_.requests(); }

    /// The longest that a heartbeat of the master was late.
    [[nodiscard]] std::chrono::nanoseconds longest_silence() const { return longest_silence_; }

private:
    struct Link final : MasterLink {
        explicit Link(const DealerOptions& options) : id(options.id), dealer(options) {}
        void send(const FromWorker& message) override;
        void reopen() override { dealer.reopen(); }

        std::string id;
        Dealer dealer;
    };

    WorkerOptions options_;
    Link link_;
    LogTail log_{};
    SimulatedEngine engine_;
    WorkerMachine machine_;
    std::optional<base::TimePoint> heard_at_{};  ///< a heartbeat of the master
    std::chrono::nanoseconds longest_silence_{};
};

}  // namespace cicada::cluster
