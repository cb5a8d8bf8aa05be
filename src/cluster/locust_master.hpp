// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cluster/locust_users.hpp"
#include "cluster/master_dialect.hpp"
#include "stats/totals.hpp"

namespace cicada::cluster {

/// A Locust master, as a worker sees it: absolute numbers of users, statistics each three seconds
/// that nobody acknowledges.
///
/// Source: Locust, runners.py, WorkerRunner; but users are stopped without keeping the next message
/// waiting, and the worker is ready again as soon as they have ended.
class LocustMaster final : public MasterDialect {
public:
    static constexpr std::chrono::seconds kHeartbeatPeriod{1};
    static constexpr std::chrono::seconds kReportPeriod{3};
    static constexpr std::chrono::seconds kLogPeriod{10};
    static constexpr std::size_t kMostNewLogLines = 70;  ///< in a period; then no more are sent

    /// A Locust master counts one message as one exception.
    static constexpr std::size_t kMostExceptionsPerReport = 200;
    static constexpr std::size_t kMostExceptionsAtEnd = 5'000;

    LocustMaster(WorkerContext& context, const from_master::Ack& ack, const Moment& now);

    void on_message(const FromMaster& message, const Moment& now) override;
    void on_report(run::EngineReport&& report, const Moment& now) override;
    void on_time(const Moment& now) override;
    [[nodiscard]] base::TimePoint next_deadline() const override;
    void leave(const Moment& now) override;
    [[nodiscard]] bool all_told() const override { return told_all_; }
    [[nodiscard]] std::uint64_t untold_requests() const override { return 0; }
    [[nodiscard]] run::State state() const override { return state_; }
    [[nodiscard]] std::chrono::nanoseconds heartbeat_period() const override {
        return kHeartbeatPeriod;
    }
    [[nodiscard]] std::optional<Beat> next_beat(const Moment&) override { return std::nullopt; }

    [[nodiscard]] const std::optional<std::string>& refusal() const override { return refusal_; }

private:
    void refuse_shared_things();
    void note_update(const std::string& json);
    void on_spawn(const from_master::Spawn& spawn, const Moment& now);
    void on_stop(const Moment& now);
    void on_spawning_complete(const from_master::SpawningComplete& message);
    void begin_test(const Moment& now);
    void go_on();
    void complete_stop(const Moment& now);
    void say_ready();
    void obey_user_code(const Moment& now);
    void merge(run::EngineReport& report);
    void send_statistics(const Moment& now);
    void send_exceptions(std::size_t most);
    void send_log(const Moment& now);
    void send_letters(std::vector<run::Letter>&& letters);
    void tell_engine(const Moment& now);
    [[nodiscard]] ClassCounts counts() const;

    WorkerContext& context_;
    std::int64_t worker_index_ = 0;
    LocustUsers users_;
    run::State state_ = run::State::Ready;  ///< as its heartbeats say

    // What the master wants.
    double last_timestamp_ = 0;
    std::optional<from_master::Spawn> wanted_{};    ///< and the engine has not been asked for yet
    std::int64_t target_ = 0;                       ///< users
    std::set<std::string> unknown_classes_{};       ///< told of
    std::map<std::string, std::string> updates_{};  ///< of classes, by their names: JSON

    // How far the engine is asked; numbers as EngineReport has them.
    std::uint64_t tests_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t epoch_ = 0;
    bool test_is_on_ = false;  ///< from its begin being asked to its end being told
    bool stopping_ = false;    ///< its end was asked for
    Moment begun_{};

    // What it has not been told yet.
    stats::Delta delta_{};
    base::WallTime since_{};
    std::vector<stats::ExceptionCount> exceptions_{};
    stats::Totals totals_;

    base::TimePoint next_statistics_{};
    base::TimePoint next_log_{};
    std::uint64_t log_sent_ = 0;
    bool sends_log_ = true;
    bool leaving_ = false;
    bool told_all_ = false;
    std::optional<std::string> refusal_{};
};

}  // namespace cicada::cluster
