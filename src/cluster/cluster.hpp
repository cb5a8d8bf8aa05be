// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/lease_desk.hpp"
#include "cluster/member.hpp"
#include "cluster/placement.hpp"
#include "run/engine_link.hpp"
#include "run/engine_report.hpp"
#include "run/run_machine.hpp"

namespace cicada::cluster {

struct ClusterOptions {
    std::vector<std::string> classes{};  ///< in the order in which reports count them
    bool rebalance = false;              ///< also when nobody is being spawned
    std::uint64_t seed = 0;              ///< of all random choices
    std::uint64_t first_round = 1;       ///< of leases; another number for each life of a master
    std::optional<std::int64_t> iterations{};  ///< in the whole test
    std::chrono::nanoseconds stop_timeout{};   ///< of the workers
    LeaseDeskOptions lease{};
};

/// The engines of all workers and the master's own, as if they were one.
///
/// The master's own has no users: it calls listeners, asks the load shape, hears messages. Users
/// are dealt out to the members; what those say is summed up in merged(). Pure.
class Cluster final : public run::EngineLink {
public:
    /// For what a worker has to end beyond the stop timeout: listeners, on_stop, the wire.
    static constexpr std::chrono::seconds kStopPatience{60};
    /// For a worker's last report, once it was told to end the program, beyond the stop timeout.
    static constexpr std::chrono::seconds kLeavePatience{20};

    Cluster(run::EngineLink& own, const ClusterOptions& options);

    /// The time of what is called next.
    void set_time(const run::Moment& now) { now_ = now; }

    [[nodiscard]] Member* find(const std::string& id);
    [[nodiscard]] const std::vector<std::unique_ptr<Member>>& members() const { return members_; }

    /// It takes part from now on, also in a test that runs. One that cannot run the test is known
    /// and takes no part.
    void add(std::unique_ptr<Member> member);
    void lose(Member& member);        ///< nothing is heard of it any more
    void find_again(Member& member);  ///< it has only been silent
    void withdraw(Member& member);    ///< it ends by itself, and still has to deliver
    /// How a worker has gone.
    enum class Farewell : std::uint8_t {
        Orderly,   ///< its last report has come
        None,      ///< what it held and measured since its last report is not known
        Mistaken,  ///< it comes again at once, as one of another make, and gets its part of the
                   ///< users
    };
    void remove(Member& member, Farewell farewell);  ///< destroys it
    /// It is dead, and these are its last words: what became of all that it held.
    void settle(Member& member, const run::EngineReport& last_words);
    [[nodiscard]] bool leaving() const { return leaving_; }
    void on_report(const Member& member);  ///< its status() is a new one
    void on_time();

    /// A message of a test; `letter.node` is its sender. To a member's id, kMasterId, or nothing:
    /// all members. False: there is no such node.
    bool forward(const run::Letter& letter, const std::string& to);
    [[nodiscard]] std::size_t ready() const;  ///< members that can run a test

    /// Users are being spawned: who comes or goes now makes others move in any case.
    void set_ramping(bool ramping) { ramping_ = ramping; }
    [[nodiscard]] bool settled() const { return placement_.settled(); }
    void move(std::int64_t most);  ///< so many users that are not where they belong

    void on_own_report(run::EngineReport&& report);
    [[nodiscard]] run::EngineReport merged();

    /// Of those that take part some are not heard of, but may come back with their users, or users
    /// are to be moved.
    [[nodiscard]] bool some_are_missing() const;
    void send_due(std::vector<Outgoing>& out);
    [[nodiscard]] base::TimePoint next_deadline() const;

    void begin_test(const run::TestBegin& begin) override;
    void take_step(run::SpawnStep step) override;
    void pause() override;
    void resume() override;
    void announce_spawned(std::int64_t users) override;
    void end_test() override;
    void reset_statistics(std::uint64_t epoch) override;
    void tell(const run::RunNews& news) override;
    void leave() override;
    void disable_task(std::string label) override;
    void deliver(run::Letter letter) override { own_.deliver(std::move(letter)); }
    void grant(const run::LeaseGrant&) override {}  // members are lent to one by one
    void recall(run::LeaseKey, std::int64_t) override {}
    void close(run::LeaseKey) override {}

private:
    [[nodiscard]] static Placement::Slot slot_of(const Member& member);
    [[nodiscard]] static bool takes_part(const Member& member);
    [[nodiscard]] std::uint64_t round() const { return options_.first_round + tests_ - 1; }
    void enter_test(Member& member);
    void place(Member& member, bool again);
    void balance(bool in_any_case);
    void hand_out(std::vector<Placement::Share> shares);
    void keep_of(const Member& member);
    void warn_of_limits(const Member& member);
    template <class Ask>
    void for_each(Ask ask);

    run::EngineLink& own_;
    ClusterOptions options_;
    run::Moment now_{};
    std::vector<std::unique_ptr<Member>> members_;
    std::vector<Member*> by_slot_;
    Placement placement_;
    LeaseDesk desk_;
    run::EngineReport own_report_{};
    run::EngineReport gone_{};  ///< of members that were removed in this test: what adds up

    std::uint64_t tests_ = 0;
    std::uint64_t tests_begun_ = 0;  ///< everywhere
    bool locust_warned_ = false;     ///< of limits that a worker for Locust does not keep
    std::uint64_t steps_ = 0;
    std::int64_t entries_ = 0;               ///< into this test, of all members
    std::optional<run::TestBegin> begin_{};  ///< of the test that runs
    std::vector<std::string> disabled_{};    ///< tasks
    bool paused_ = false;
    bool ramping_ = false;
    bool leaving_ = false;
    base::TimePoint patience_ends_ = base::TimePoint::max();
};

}  // namespace cicada::cluster
