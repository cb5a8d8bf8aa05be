// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/member.hpp"
#include "cluster/stream.hpp"

namespace cicada::cluster {

/// A worker that is Cicada: commands and reports are two streams, so that nothing is lost and
/// nothing is done twice.
class CicadaMember final : public Member {
public:
    /// News of the run go out this often at most.
    static constexpr std::chrono::seconds kNewsPeriod{1};

    /// `classes`: the names of the master's, in the order its reports count them.
    CicadaMember(std::string id, std::int64_t index, const std::vector<std::string>& classes);

    [[nodiscard]] bool is_cicada() const override { return true; }
    [[nodiscard]] std::optional<std::uint64_t> holder() const override { return incarnation_; }
    [[nodiscard]] std::uint64_t incarnation() const { return incarnation_; }
    [[nodiscard]] std::uint64_t last_report() const { return reports_.last(); }
    [[nodiscard]] const std::string& test_hash() const { return test_hash_; }

    enum class Greeting : std::uint8_t {
        New,     ///< both streams begin anew
        GoesOn,  ///< it is the one we know: nothing is lost
    };
    /// What it is and holds. `known_report`: of this incarnation the master has all reports up to
    /// that number, if it remembers.
    Greeting greet(const from_worker::Hello& hello,
                   std::uint64_t reign,
                   std::optional<std::uint64_t> known_report,
                   base::TimePoint now);

    /// What it has measured, if the report is the next one.
    std::optional<Gain> take(from_worker::Report&& report);
    /// Exchanges that may have reached a server and were never reported: what its last heartbeat
    /// knew, and as many more as in the time between its last two. Once; then 0.
    [[nodiscard]] std::uint64_t take_uncertain();
    void note_beat(const Beat& beat, base::TimePoint now);

    /// No report is taken from now on: its process is dead, and its journal says the rest.
    void close_reports() { closed_ = true; }
    void on_done(const from_worker::CommandsDone& done, base::TimePoint now);

    void send_due(std::vector<Outgoing>& out, const run::Moment& now) override;
    [[nodiscard]] base::TimePoint next_deadline() const override;
    [[nodiscard]] bool hopeless() const override { return commands_.overfull(); }

    void begin_test(const run::TestBegin& begin) override;
    void take_step(run::SpawnStep step) override;
    void pause() override { commands_.push(command::Pause{}); }
    void resume() override { commands_.push(command::Resume{}); }
    void announce_spawned(std::int64_t users) override;
    void end_test() override { commands_.push(command::EndTest{}); }
    void reset_statistics(std::uint64_t epoch) override;
    void tell(const run::RunNews& news) override;
    void leave() override { commands_.push(command::Leave{}); }
    void deliver(run::Letter letter) override;
    void grant(const run::LeaseGrant& grant) override { commands_.push(command::Grant{grant}); }
    void recall(run::LeaseKey key, std::int64_t most) override {
        commands_.push(command::Recall{key, most});
    }
    void disable_task(std::string label) override {
        commands_.push(command::DisableTask{std::move(label)});
    }
    void close(run::LeaseKey key) override { commands_.push(command::Close{key}); }

private:
    void translate(run::EngineReport&& report);
    [[nodiscard]] std::uint64_t test_of(std::uint64_t count) const;
    void learn_classes(const std::vector<std::string>& theirs);

    std::vector<std::string> classes_;
    std::uint64_t reign_ = 0;
    std::uint64_t incarnation_ = 0;
    std::string test_hash_{};
    SendingStream<Command> commands_;
    ReceivingStream reports_;
    bool report_to_acknowledge_ = false;
    bool closed_ = false;
    std::uint64_t reported_ = 0;      ///< exchanges, of this incarnation
    std::uint64_t in_last_beat_ = 0;  ///< begun between the last two heartbeats
    bool uncertain_taken_ = false;

    std::vector<std::optional<std::uint32_t>> theirs_{};  ///< index there, of each of our classes
    std::vector<std::optional<std::uint32_t>> ours_{};    ///< the other way round
    std::uint64_t tests_before_ = 0;                      ///< its engine had begun when we met
    std::uint64_t steps_before_ = 0;                      ///< likewise
    std::vector<std::uint64_t> tests_{};                  ///< our numbers of those it began for us
    base::TimePoint next_news_at_{};
    std::optional<run::RunNews> news_{};
};

}  // namespace cicada::cluster
