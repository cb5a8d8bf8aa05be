// SPDX-License-Identifier: Apache-2.0
#include "run/run_machine.hpp"

#include <algorithm>
#include <utility>

#include "base/later.hpp"
#include "base/log.hpp"

namespace cicada::run {
namespace {

using base::later;
using base::LogLevel;
using base::TimePoint;

base::Result<void> check(const Target& target) {
    if (auto why = user::complaint_about_load(target.users, target.spawn_rate)) {
        return base::failure(*std::move(why));
    }
    if (target.run_time && *target.run_time <= std::chrono::nanoseconds::zero()) {
        return base::failure(std::string("the run time has to be above 0"));
    }
    return {};
}

}  // namespace

RunMachine::RunMachine(std::vector<ClassShare> classes,
                       const MachineOptions& options,
                       EngineLink& engine,
                       const Moment& now)
    : plan_(std::move(classes)),
      options_(options),
      link_(engine),
      totals_(now.wall),
      epoch_(options.first_epoch),
      stages_(
          options.course.stages,
          options.time_after_ramp_up ? StageCounts::FromItsLastUser : StageCounts::FromItsBegin) {}

bool RunMachine::testing() const {
    return state_ == State::Spawning || state_ == State::Running || state_ == State::Cleanup;
}

base::Result<void> RunMachine::start(const Target& target, const Moment& now) {
    if (const auto checked = check(target); !checked) return checked;
    if (quitting_) return base::failure(std::string("the program is about to end"));
    if (state_ == State::Cleanup) {
        return base::failure(std::string("the last test is still being stopped"));
    }
    const bool follows_course = !options_.course.name.empty();
    if (follows_course && testing()) return {};
    if (target.host) host_ = *target.host;
    if (!testing()) begin_test(now);
    if (target.run_time) run_time_ = target.run_time;
    state_ = State::Spawning;
    if (!follows_course) begin_ramp({target.users, target.spawn_rate}, now.steady);
    limit_run_time();
    advance(now);
    return {};
}

void RunMachine::begin_test(const Moment& now) {
    tests_ += 1;
    started_ = now;
    begun_ = false;
    last_wish_.reset();
    ramped_up_ = false;
    run_time_counts_from_.reset();
    paused_.reset();
    paused_before_ = {};
    run_time_.reset();
    run_ends_at_ = TimePoint::max();
    quit_at_ = TimePoint::max();
    history_at_ = now.steady + kHistoryPeriod;
    given_up_.clear();
    epoch_ += 1;
    totals_ = stats::Totals(now.wall);
    plan_ = SpawnPlan(plan_.classes());
    judge(now);
    link_.begin_test({epoch_, host_});
}

// The listeners of test_start have returned.
void RunMachine::note_begin(const Moment& now) {
    begun_ = true;
    started_ = now;
    if (paused_) paused_ = now.steady;
    next_step_at_ = now.steady;
    last_step_at_ = {};
    stages_.begin(now.steady);
    if (!options_.time_after_ramp_up) run_time_begins(now);
}

void RunMachine::stop(const Moment& now) {
    begin_stop(StoppedBy::Person);
    advance(now);
}

void RunMachine::quit(const Moment& now) {
    quitting_ = true;
    begin_stop(StoppedBy::Person);
    advance(now);
}

void RunMachine::begin_stop(StoppedBy by) {
    if (state_ != State::Spawning && state_ != State::Running) return;
    stopped_by_ = by;
    state_ = State::Cleanup;
    run_ends_at_ = TimePoint::max();
    link_.end_test();
}

void RunMachine::pause(const Moment& now) {
    if ((state_ != State::Spawning && state_ != State::Running) || paused_) return;
    base::log(LogLevel::Info, "The test is paused: no user begins a task");
    paused_ = now.steady;
    link_.pause();
}

void RunMachine::resume(const Moment& now) {
    if (!paused_ || !testing()) return;
    const auto pause = now.steady - *paused_;
    base::log(LogLevel::Info, "The test goes on");
    paused_.reset();
    if (begun_) {
        paused_before_ += pause;
        next_step_at_ = later(next_step_at_, pause);
        if (run_time_counts_from_) *run_time_counts_from_ += pause;
        stages_.shift(pause);
        limit_run_time();
    }
    link_.resume();
    advance(now);
}

void RunMachine::reset_statistics(const Moment& now) {
    epoch_ += 1;
    totals_.reset(now.wall);
    judge(now);
    link_.reset_statistics(epoch_);
}

void RunMachine::on_report(EngineReport&& report, const Moment& now) {
    merge(std::exchange(report.delta, {}), report.statistics_epoch);
    add(std::exchange(report.machine, {}));
    engine_ = std::move(report);
    judge(now);
    obey_user_code(now);
    stop_if_goal_is_missed(now);
    advance(now);
    tell_engine(now);
}

void RunMachine::merge(stats::Delta&& delta, std::uint64_t epoch) {
    if (epoch == epoch_) totals_.merge(std::move(delta));
}

void RunMachine::obey_user_code(const Moment& now) {
    if (!engine_.cannot_go_on.empty()) give_up(engine_.cannot_go_on.front());
    if (engine_.stops_asked > stops_obeyed_) {
        stops_obeyed_ = engine_.stops_asked;
        begin_stop(StoppedBy::Itself);
    }
    if (engine_.quit_asked && !quitting_) quit(now);
}

void RunMachine::give_up(const std::string& why) {
    if (!given_up_.empty()) return;
    given_up_ = why;
    base::log(LogLevel::Error, "the test is given up: {}", why);
    begin_stop(StoppedBy::Itself);
}

void RunMachine::judge(const Moment& now) {
    if (!options_.goals.empty()) goal_results_ = judged(options_.goals, facts(now));
}

void RunMachine::stop_if_goal_is_missed(const Moment& now) {
    const bool runs = state_ == State::Spawning || state_ == State::Running;
    if (!runs) return;
    const GoalResult* const missed = first_lost(options_.goals, goal_results_, elapsed(now));
    if (missed == nullptr) return;
    base::log(LogLevel::Error,
              "the threshold \"{}\" is missed ({}), stopping the test",
              missed->text,
              missed->actual);
    begin_stop(StoppedBy::Itself);
}

void RunMachine::add(const stats::MachineUse& use) {
    if (testing()) totals_.add(use);
}

void RunMachine::on_time(const Moment& now) {
    if (now.steady >= run_ends_at_ && testing() && !paused_) {
        base::log(LogLevel::Info, "The run time is over, stopping the test");
        begin_stop(StoppedBy::Itself);
    }
    if (now.steady >= history_at_) {
        history_at_ += kHistoryPeriod;
        totals_.sample_history(now.wall, engine_.user_count);
    }
    if (now.steady >= quit_at_) quitting_ = true;
    advance(now);
}

void RunMachine::advance(const Moment& now) {
    const bool runs = state_ == State::Spawning || state_ == State::Running;
    if (runs && !begun_ && engine_.tests_begun == tests_) note_begin(now);
    if (runs && goes_on()) follow_course(now);
    if (state_ == State::Spawning && goes_on()) advance_spawning(now);
    if (nobody_is_left()) {
        const char* const why =
            engine_.nothing_left ? "All limits are reached" : "All users have ended";
        base::log(LogLevel::Info, "{}, the test is complete", why);
        begin_stop(StoppedBy::Itself);
    }
    if (state_ == State::Cleanup && engine_.tests_ended == tests_) complete_stop(now);
    if (quitting_ && !testing() && !leaving_) {
        leaving_ = true;
        quit_at_ = TimePoint::max();
        link_.leave();
    }
}

// Those who are still to come count, unless there is nothing left for them to do.
bool RunMachine::nobody_is_left() const {
    const bool is_up_to_date =
        engine_.tests_begun == tests_ && engine_.steps_done == steps_taken_ && steps_taken_ > 0;
    if (!is_up_to_date || engine_.user_count > 0 || some_are_missing_) return false;
    if (engine_.nothing_left) return state_ == State::Spawning || state_ == State::Running;
    const auto& arrivals = engine_.arrivals;
    const bool arrivals_to_come =
        std::any_of(arrivals.begin(), arrivals.end(), [](const ArrivalProgress& progress) {
            return progress.more_to_come;
        });
    return state_ == State::Running && (plan_.planned() > 0 || !arrivals.empty()) &&
           !follows_shape() && !stages_.more_to_come() && !arrivals_to_come;
}

void RunMachine::complete_stop(const Moment& now) {
    state_ = State::Stopped;
    final_elapsed_ = elapsed_since_start(now);
    paused_.reset();
    history_at_ = TimePoint::max();
    totals_.sample_history(now.wall, engine_.user_count);
    if (stopped_by_ == StoppedBy::Itself && options_.quit_after_test) {
        quit_at_ = later(now.steady, *options_.quit_after_test);
        if (now.steady >= quit_at_) quitting_ = true;
    }
}

TimePoint RunMachine::next_deadline() const {
    TimePoint deadline = std::min(quit_at_, history_at_);
    if (paused_) return deadline;
    deadline = std::min(deadline, run_ends_at_);
    if (!begun_ || (state_ != State::Spawning && state_ != State::Running)) return deadline;
    deadline = std::min(deadline, stages_.next_change());
    const bool waits_for_step =
        state_ == State::Spawning && !plan_.complete() && engine_.steps_done == steps_taken_;
    return waits_for_step ? std::min(deadline, next_step_at_) : deadline;
}

void RunMachine::warn(const std::string& line) {
    if (std::find(warnings_.begin(), warnings_.end(), line) == warnings_.end()) {
        warnings_.push_back(line);
    }
}

}  // namespace cicada::run
