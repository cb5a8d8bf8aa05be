// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/master_clock.hpp"
#include "cluster/master_dialect.hpp"
#include "cluster/stream.hpp"

namespace cicada::cluster {

/// A Cicada master, as a worker sees it: commands come once and in order, reports are kept until
/// they are acknowledged. See docs/internals/cluster.md.
class CicadaMaster final : public MasterDialect {
public:
    static constexpr std::chrono::milliseconds kHeartbeatPeriod{250};
    static constexpr std::chrono::milliseconds kHelloPeriod{500};  ///< until there is a welcome
    static constexpr std::chrono::seconds kLogPeriod{1};
    static constexpr std::size_t kMostLogLines = 100;  ///< per period; older ones are left out

    /// Says hello.
    CicadaMaster(WorkerContext& context, const Moment& now);

    void on_message(const FromMaster& message, const Moment& now) override;
    void on_report(run::EngineReport&& report, const Moment& now) override;
    void on_time(const Moment& now) override;
    [[nodiscard]] base::TimePoint next_deadline() const override;
    void leave(const Moment& now) override;
    [[nodiscard]] bool all_told() const override;
    [[nodiscard]] std::uint64_t untold_requests() const override;
    [[nodiscard]] run::State state() const override;
    [[nodiscard]] std::chrono::nanoseconds heartbeat_period() const override {
        return kHeartbeatPeriod;
    }
    [[nodiscard]] std::optional<Beat> next_beat(const Moment& now) override;

    [[nodiscard]] const std::optional<std::string>& refusal() const override { return refusal_; }

private:
    void on_ack(const from_master::Ack& ack, const Moment& now);
    void on_welcome(const from_master::Welcome& welcome, const Moment& now);
    void on_commands(const from_master::Commands& commands, const Moment& now);
    void on_heartbeat(const from_master::Heartbeat& answer, const Moment& now);
    void say_hello(const Moment& now);
    void send_reports(const Moment& now);
    void acknowledge_reports();
    void send_log(const Moment& now);
    void move_to_master_time(stats::Delta& delta, const Moment& now) const;
    void obey(const Command& command, const Moment& now);
    [[nodiscard]] run::LeaseGrant by_our_clock(run::LeaseGrant grant, const Moment& now) const;
    void begin_test(run::TestBegin begin);

    WorkerContext& context_;
    std::uint64_t reign_ = 0;  ///< of the last welcome; 0: none yet
    bool welcomed_ = false;    ///< in that reign
    base::TimePoint next_hello_{};
    base::TimePoint next_log_{};
    std::uint64_t log_sent_ = 0;  ///< number of the last line
    ReceivingStream commands_;
    SendingStream<run::EngineReport> reports_{{.most_on_their_way = 1}};
    MasterClock clock_;
    from_master::Welcome welcome_;   ///< the last one
    std::optional<Beat> last_beat_;  ///< of the master
    base::TimePoint last_beat_at_{};
    std::uint64_t reports_sent_ = 0;    ///< number of the last one, ever
    std::uint64_t reports_noted_ = 0;   ///< in the journal as acknowledged
    std::deque<std::uint64_t> untold_;  ///< requests in each report that is kept
    bool leaving_ = false;
    bool testing_ = false;  ///< from BeginTest to EndTest
    std::optional<std::string> refusal_;
};

}  // namespace cicada::cluster
