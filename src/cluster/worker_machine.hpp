// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cluster/master_dialect.hpp"

namespace cicada::cluster {

/// A worker from its first word to its master to its last: finds out what kind of master there is,
/// keeps in touch, and goes on for a while when it does not answer.
///
/// Knows no thread and reads no clock: whoever drives it calls on_message(), on_report() and
/// on_time(), the latter at next_deadline() at the latest.
/// Source of the periods: Locust, runners.py: CONNECT_TIMEOUT, CONNECT_RETRY_COUNT.
class WorkerMachine {
public:
    static constexpr std::chrono::seconds kReadyPeriod{5};     ///< between client_ready, unanswered
    static constexpr int kMostTries = 61;                      ///< then it gives up, after 305 s
    static constexpr std::chrono::seconds kSilence{10};        ///< then it says client_ready again
    static constexpr std::chrono::seconds kPatienceAtEnd{10};  ///< with a master that takes nothing

    WorkerMachine(const WorkerOptions& options,
                  run::EngineLink& engine,
                  MasterLink& link,
                  LogTail& log,
                  const Moment& now);

    void on_message(const FromMaster& message, const Moment& now);
    void on_report(run::EngineReport&& report, const Moment& now);
    void on_time(const Moment& now);
    void leave(const Moment& now);  ///< by a person

    /// When on_time() is due.
    [[nodiscard]] base::TimePoint next_deadline() const;

    [[nodiscard]] bool finished() const { return finished_; }  ///< the program may end
    [[nodiscard]] run::State state() const;
    [[nodiscard]] const run::EngineReport& engine() const { return context_.status; }

    /// Why the worker ended before its master said so; empty: it did not.
    [[nodiscard]] const std::string& failure() const { return failure_; }

private:
    void say_ready(const Moment& now);
    void meet(const from_master::Ack& ack, const Moment& now);
    void beat(const Moment& now);
    void fail(const std::string& why, const Moment& now);
    void look_for_end(const Moment& now);

    const WorkerOptions& options_;
    WorkerContext context_;
    std::unique_ptr<MasterDialect> master_;  ///< null: none has answered yet
    bool is_cicada_ = false;
    int tries_ = 0;
    base::TimePoint next_ready_{};
    base::TimePoint next_beat_{};
    base::TimePoint heard_at_{};  ///< the master
    bool silence_told_ = false;
    bool leaving_ = false;
    base::TimePoint give_up_at_ = base::TimePoint::max();  ///< telling the rest
    bool finished_ = false;
    std::string failure_{};
};

}  // namespace cicada::cluster
