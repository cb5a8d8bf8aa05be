// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "run/control.hpp"
#include "run/course.hpp"
#include "run/engine_link.hpp"
#include "run/engine_report.hpp"
#include "run/goals.hpp"
#include "run/snapshot.hpp"
#include "run/spawn_plan.hpp"
#include "run/stage_course.hpp"
#include "stats/recorder.hpp"
#include "user/load_plan.hpp"

namespace cicada::run {

/// One moment, on both clocks.
using Moment = stats::ClockPair;

struct MachineOptions {
    bool reset_when_spawned = false;  ///< zero the statistics when the ramp-up is complete

    /// Statistics epochs are counted from here: another number for each life of a master.
    std::uint64_t first_epoch = 0;

    /// How long after a test that was not stopped by a person the program ends: at once in a
    /// headless run. Nothing: never.
    std::optional<std::chrono::nanoseconds> quit_after_test{};

    /// The run time, and that of each stage, counts from when the ramp-up is complete.
    bool time_after_ramp_up = false;

    Course course{};
    std::vector<Goal> goals{};  ///< what the test has to reach
    std::string profile{};      ///< the person's label of the run

    /// Classes of an open model: an engine's report counts their users after those of the plan.
    std::vector<std::string> arrival_classes{};
};

/// The state machine of a local run: ready, spawning, running, cleanup, stopped, and over again.
///
/// Knows no thread and reads no clock: whoever drives it calls on_report() and on_time(), the
/// latter at next_deadline() at the latest. A test's time counts from when the listeners of
/// test_start have returned.
/// Source: Locust, runners.py, LocalRunner; but a stop cancels the run time's timer.
class RunMachine {
public:
    static constexpr std::int64_t kMostUsers = user::kMostUsers;
    static constexpr std::chrono::seconds kHistoryPeriod{5};

    RunMachine(std::vector<ClassShare> classes,
               const MachineOptions& options,
               EngineLink& engine,
               const Moment& now);

    /// Begins a test, or a new ramp of the one that runs. Error: a sentence for the person.
    base::Result<void> start(const Target& target, const Moment& now);
    void stop(const Moment& now);  ///< by a person
    void quit(const Moment& now);
    void pause(const Moment& now);  ///< without a running test: nothing
    void resume(const Moment& now);
    void reset_statistics(const Moment& now);

    void on_report(EngineReport&& report, const Moment& now);

    /// Statistics of an engine, ahead of a report; those of an epoch that is over are dropped.
    void merge(stats::Delta&& delta, std::uint64_t epoch);
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

    /// Users may live of whom no report says so: then a test is not over because nobody is left.
    void set_some_are_missing(bool missing) { some_are_missing_ = missing; }

    /// Ends the test that runs, which could not go on.
    void give_up(const std::string& why);
    void on_time(const Moment& now);

    /// When on_time() is due; TimePoint::max(): not before the next report or command.
    [[nodiscard]] base::TimePoint next_deadline() const;

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool testing() const;        ///< a test runs or is being stopped
    [[nodiscard]] std::string course() const;  ///< as Snapshot::course
    [[nodiscard]] bool finished() const { return engine_.has_left; }  ///< the program may end

    [[nodiscard]] Snapshot snapshot(const Moment& now) const;

    /// What the machine did meanwhile; counts while a test runs.
    void add(const stats::MachineUse& use);

    /// A line to be shown, and to be found in every snapshot from now on.
    void warn(const std::string& line);

    /// Why the test was given up; empty: it was not.
    [[nodiscard]] const std::string& given_up() const { return given_up_; }
    [[nodiscard]] const EngineReport& engine() const { return engine_; }
    [[nodiscard]] const SpawnPlan& plan() const { return plan_; }

private:
    enum class StoppedBy : std::uint8_t { Person, Itself };

    void begin_test(const Moment& now);
    void note_begin(const Moment& now);
    void begin_stop(StoppedBy by);
    void complete_stop(const Moment& now);
    void advance(const Moment& now);
    void judge(const Moment& now);
    void obey_user_code(const Moment& now);
    void stop_if_goal_is_missed(const Moment& now);
    [[nodiscard]] bool goes_on() const { return begun_ && !paused_; }
    [[nodiscard]] bool nobody_is_left() const;

    // run_machine_course.cpp
    void run_time_begins(const Moment& now);
    void limit_run_time();
    void begin_ramp(const Aim& aim, base::TimePoint first_step_at);
    void follow_course(const Moment& now);
    void follow_shape(const Moment& now);
    [[nodiscard]] bool follows_shape() const;
    void advance_spawning(const Moment& now);
    void take_next_step(const Moment& now);
    void complete_spawning(const Moment& now);

    // run_machine_view.cpp
    [[nodiscard]] std::chrono::nanoseconds elapsed(const Moment& now) const;
    [[nodiscard]] std::chrono::nanoseconds elapsed_since_start(const Moment& now) const;
    [[nodiscard]] std::chrono::nanoseconds whole_run_time() const;
    [[nodiscard]] std::optional<Progress> progress(const Moment& now) const;
    [[nodiscard]] Snapshot facts(const Moment& now) const;  ///< what goals are judged by
    void tell_engine(const Moment& now);

    SpawnPlan plan_;
    MachineOptions options_;
    EngineLink& link_;
    State state_ = State::Ready;
    stats::Totals totals_;
    std::uint64_t epoch_ = 0;
    EngineReport engine_{};                   ///< the last one, without its delta
    std::vector<GoalResult> goal_results_{};  ///< after it

    // Of the present or last test.
    std::uint64_t tests_ = 0;
    std::uint64_t steps_taken_ = 0;
    base::TimePoint next_step_at_{};
    base::TimePoint last_step_at_{};  ///< of those that changed something
    Moment started_{};
    bool begun_ = false;  ///< its listeners have returned, and its time runs
    StageCourse stages_;
    std::optional<Aim> last_wish_{};  ///< of the load shape
    bool ramped_up_ = false;          ///< at least once
    std::optional<base::TimePoint> run_time_counts_from_{};
    std::chrono::nanoseconds ramp_time_{};      ///< elapsed() then
    std::optional<base::TimePoint> paused_{};   ///< since when
    std::chrono::nanoseconds paused_before_{};  ///< in sum, of the pauses that are over
    std::chrono::nanoseconds final_elapsed_{};
    std::string host_{};
    std::optional<std::chrono::nanoseconds> run_time_{};
    StoppedBy stopped_by_ = StoppedBy::Person;
    std::uint64_t stops_obeyed_ = 0;
    std::vector<std::string> warnings_{};
    std::string given_up_{};

    base::TimePoint run_ends_at_ = base::TimePoint::max();
    base::TimePoint quit_at_ = base::TimePoint::max();
    base::TimePoint history_at_ = base::TimePoint::max();
    bool some_are_missing_ = false;
    bool quitting_ = false;
    bool leaving_ = false;
};

}  // namespace cicada::run
