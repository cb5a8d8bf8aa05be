// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/sync.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fiber/scheduler.hpp"
#include "run/arrival_line.hpp"
#include "run/arrival_progress.hpp"
#include "run/arrival_schedule.hpp"
#include "run/catch_up.hpp"
#include "run/lease.hpp"
#include "stats/recorder.hpp"
#include "user/arrival_source.hpp"
#include "user/declaration.hpp"
#include "user/gate.hpp"

namespace cicada::run {

/// The users of one class of an open model: begins each arrival at its planned time, by an idle
/// user, or a new one while there are fewer than max_users.
///
/// What finds nobody is delayed (and begun in order, as soon as somebody is free) or dropped. A
/// delayed arrival takes no memory: its planned time is computed again when it begins.
/// Threads: the engine's.
class ArrivalPool {
public:
    /// Starts a user of this class that works for `source`; false: it cannot, and the test is
    /// given up.
    using StartUser = std::function<bool(user::ArrivalSource& source)>;

    /// What the figures of all pools are recorded under.
    static constexpr std::string_view kFromPlan = "execution from plan";
    static constexpr std::string_view kExecution = "execution";
    static constexpr std::string_view kFirstFromPlan = "first request from plan";
    static constexpr std::string_view kFirst = "first request";

    /// `number`: of the pool in the test, part of its seed.
    ArrivalPool(const user::Declaration& declaration,
                std::uint64_t number,
                user::Gate& gate,
                stats::Recorder& recorder,
                StartUser start_user);
    ArrivalPool(const ArrivalPool&) = delete;
    ArrivalPool& operator=(const ArrivalPool&) = delete;
    ~ArrivalPool();

    /// When the arrivals of pool `number` of a test are planned.
    [[nodiscard]] static ArrivalSchedule schedule(const user::Declaration& declaration,
                                                  std::uint64_t seed,
                                                  std::uint64_t number);

    /// Begins all that is planned; times count from `start`. In a fiber of the run's own.
    void begin(std::uint64_t seed, base::TimePoint start);

    /// Begins those it is granted.
    void begin_lent(std::uint64_t seed);
    void grant(const user::TicketBlock& block, const ArrivalLease& lease);
    void close();  ///< no more are granted
    [[nodiscard]] user::Holding holding() const;
    void keep_in(user::HoldingTrace* trace) { line_.keep_in(trace); }  ///< null: nowhere
    [[nodiscard]] bool is_lent() const { return is_lent_; }            ///< in the present test

    /// No arrival begins any more. Does not suspend.
    void cancel();

    /// There is nothing left to do for users of this class: no arrival is planned any more, and
    /// what waits is dropped. Does not suspend.
    void finish();

    /// After cancel(); what has not begun is dropped. Suspends.
    void end();

    [[nodiscard]] ArrivalProgress progress() const;
    [[nodiscard]] const user::Declaration& declaration() const { return declaration_; }

private:
    class Slot;

    /// Of one task.
    struct Trends {
        std::string_view task;
        stats::MetricId from_plan;
        stats::MetricId execution;
        stats::MetricId first_from_plan;
        stats::MetricId first;
    };

    [[nodiscard]] const user::ArrivalPlan& plan() const { return *declaration_.arrivals; }
    [[nodiscard]] base::TimePoint moment_of(std::chrono::nanoseconds planned) const;
    [[nodiscard]] bool over() const { return planning_over_ && line_.all_handed(); }
    void start_fibers();

    void plan_arrivals();
    void start_missing();
    void on_due();
    bool serve();
    [[nodiscard]] bool start_user();
    void note_overdue();
    void drop_rest();
    void send_home();
    [[nodiscard]] const Trends& trends_of(std::string_view task);
    void record(const user::ArrivalTimes& times, std::string_view task);

    const user::Declaration& declaration_;
    std::uint64_t number_;
    user::Gate& gate_;
    stats::Recorder& recorder_;
    StartUser start_user_;

    base::TimePoint start_{};
    ArrivalLine line_;
    bool is_lent_ = false;
    std::int64_t max_users_ = 0;  ///< of this engine
    CatchUp catch_up_;
    bool planning_over_ = true;

    std::vector<std::unique_ptr<Slot>> slots_;
    std::vector<Slot*> free_;  ///< of users that have ended
    std::vector<Slot*> idle_;  ///< the last one is used first: its connections are warm
    ArrivalProgress counts_;
    std::vector<Trends> trends_;

    Event has_more_;         ///< arrivals were granted, or none will be any more
    Event has_room_;         ///< a user has ended while arrivals wait
    fiber::Handle planner_;  ///< sleeps until the next arrival is due
    fiber::Handle starter_;  ///< starts users in place of those that have ended
};

}  // namespace cicada::run
