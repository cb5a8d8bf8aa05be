// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cluster/member.hpp"

namespace cicada::cluster {

/// What a worker made for Locust is told beside the users.
struct LocustTerms {
    double stop_timeout_s = 0;
    std::string parsed_options_json = "{}";  ///< values of the test's own options
};

/// A worker made for Locust: told how many users of each class there shall be; what it measures
/// comes as it is, and what is lost on the way is lost.
class LocustMember final : public Member {
public:
    /// A step counts as done so long after its message, whatever the worker says.
    static constexpr std::chrono::seconds kStepPatience{1};

    /// A worker whose newest request is older than this, or in the future, has a wrong clock.
    static constexpr std::chrono::seconds kBelievedLateness{10};

    LocustMember(std::string id,
                 std::int64_t index,
                 const std::vector<std::string>& classes,
                 const LocustTerms& terms);

    [[nodiscard]] bool is_cicada() const override { return false; }
    [[nodiscard]] std::optional<std::uint64_t> holder() const override { return std::nullopt; }

    void on_ready();  ///< client_ready, again: it has no users
    void on_spawning();
    void on_spawned(const from_worker::SpawningComplete& complete);
    [[nodiscard]] Gain take(from_worker::LocustStats&& stats, const run::Moment& now);
    [[nodiscard]] Gain take(const from_worker::ExceptionRaised& exception) const;
    void on_stopped();
    void on_quit();

    void send_due(std::vector<Outgoing>& out, const run::Moment& now) override;
    [[nodiscard]] base::TimePoint next_deadline() const override;

    void begin_test(const run::TestBegin& begin) override;
    void take_step(run::SpawnStep step) override;
    void pause() override;
    void resume() override {}
    void announce_spawned(std::int64_t users) override;
    void end_test() override;
    void reset_statistics(std::uint64_t epoch) override;
    void tell(const run::RunNews&) override {}
    void leave() override;
    void deliver(run::Letter letter) override;
    void grant(const run::LeaseGrant&) override {}  // knows nothing of limits
    void recall(run::LeaseKey, std::int64_t) override {}
    void close(run::LeaseKey) override {}
    void disable_task(std::string) override {}  // nor of tasks

    /// Says again what it should be doing, to one that came back.
    void repeat() { spawn_wanted_ = true; }

private:
    void count(const ClassCounts& counts);
    [[nodiscard]] from_master::Spawn spawn(base::WallTime now);
    void shift_to_our_clock(stats::Delta& delta, base::WallTime now);

    std::vector<std::string> classes_;
    LocustTerms terms_;
    std::string host_{};
    std::vector<std::int64_t> wanted_;
    bool answered_ = false;  ///< in this test; until then it has the users it was told to have
    std::unordered_map<std::int64_t, std::uint32_t> class_of_{};  ///< of each user it shall have
    bool spawn_wanted_ = false;
    bool told_ = false;                               ///< to spawn, in the present test
    std::optional<base::TimePoint> spawn_sent_at_{};  ///< and not answered yet
    double last_timestamp_ = 0;
    std::vector<FromMaster> waiting_{};  ///< to be sent after a spawn that is wanted
    std::uint64_t epoch_ = 0;            ///< its statistics belong to this one
    std::uint64_t next_epoch_ = 0;       ///< from its next `spawning` on
    std::chrono::nanoseconds clock_ahead_{};
};

}  // namespace cicada::cluster
