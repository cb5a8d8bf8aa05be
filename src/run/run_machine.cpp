// SPDX-License-Identifier: Apache-2.0
#include "run/run_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace cicada::run {
namespace {

using base::LogLevel;
using base::TimePoint;

/// `{"Shopper": 3, "Admin": 1} (4 total users)`
std::string describe_users(const SpawnPlan& plan) {
    std::string classes;
    for (std::size_t index = 0; index < plan.classes().size(); ++index) {
        classes += fmt::format("{}\"{}\": {}",
                               classes.empty() ? "" : ", ",
                               plan.classes()[index].name,
                               plan.planned(index));
    }
    return fmt::format("{{{}}} ({} total users)", classes, plan.planned());
}

base::Result<void> check(const Target& target) {
    if (auto why = user::complaint_about_load(target.users, target.spawn_rate)) {
        return base::failure(*std::move(why));
    }
    if (target.run_time && *target.run_time <= std::chrono::nanoseconds::zero()) {
        return base::failure(std::string("the run time has to be above 0"));
    }
    return {};
}

TimePoint later(TimePoint now, std::chrono::nanoseconds span) {
    return span < TimePoint::max() - now ? now + span : TimePoint::max();
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

void RunMachine::run_time_begins(const Moment& now) {
    run_time_counts_from_ = now.steady;
    ramp_time_ = elapsed(now);
    limit_run_time();
}

void RunMachine::limit_run_time() {
    if (run_time_ && run_time_counts_from_) {
        run_ends_at_ = later(*run_time_counts_from_, *run_time_);
    }
}

void RunMachine::begin_ramp(const Aim& aim, TimePoint first_step_at) {
    const bool only_arrivals = plan_.classes().empty();
    plan_.aim(only_arrivals ? 0 : aim.users, aim.spawn_rate, aim.classes);
    next_step_at_ = first_step_at;
    state_ = State::Spawning;
    base::log(LogLevel::Info,
              "Ramping to {} users at a rate of {:.2f} per second",
              aim.users,
              aim.spawn_rate);
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
    link_.reset_statistics(epoch_);
}

void RunMachine::on_report(EngineReport&& report, const Moment& now) {
    merge(std::exchange(report.delta, {}), report.statistics_epoch);
    engine_ = std::move(report);
    obey_user_code(now);
    stop_if_goal_is_missed(now);
    advance(now);
    tell_engine(now);
}

void RunMachine::merge(stats::Delta&& delta, std::uint64_t epoch) {
    if (epoch == epoch_) totals_.merge(std::move(delta));
}

void RunMachine::obey_user_code(const Moment& now) {
    if (given_up_.empty() && !engine_.cannot_go_on.empty()) {
        given_up_ = engine_.cannot_go_on.front();
        base::log(LogLevel::Error, "the test is given up: {}", given_up_);
        begin_stop(StoppedBy::Itself);
    }
    if (engine_.stops_asked > stops_obeyed_) {
        stops_obeyed_ = engine_.stops_asked;
        begin_stop(StoppedBy::Itself);
    }
    if (engine_.quit_asked && !quitting_) quit(now);
}

void RunMachine::stop_if_goal_is_missed(const Moment& now) {
    const bool runs = state_ == State::Spawning || state_ == State::Running;
    if (!runs || !any_aborts(options_.goals)) return;
    const auto missed = first_lost(options_.goals, snapshot(now));
    if (!missed) return;
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

void RunMachine::follow_course(const Moment& now) {
    if (follows_shape()) {
        follow_shape(now);
    } else if (const auto aim = stages_.next_aim(now.steady)) {
        base::log(LogLevel::Info, "Stage {} of {}", stages_.present(), stages_.size());
        begin_ramp(*aim, now.steady);
    } else if (stages_.over(now.steady)) {
        base::log(LogLevel::Info, "The last stage is over, stopping the test");
        begin_stop(StoppedBy::Itself);
    }
}

// A shape that says the same again changes nothing. One that says something new each second must
// not gain a step each time: the new ramp's first one keeps its distance from the last.
void RunMachine::follow_shape(const Moment& now) {
    if (!engine_.shape || engine_.shape->test != tests_) return;
    const ShapeWish& wish = *engine_.shape;
    if (!wish.aim) {
        base::log(LogLevel::Info, "The {} is over, stopping the test", options_.course.name);
        begin_stop(StoppedBy::Itself);
    } else if (wish.aim != last_wish_) {
        last_wish_ = wish.aim;
        begin_ramp(*wish.aim, now.steady);
        next_step_at_ = std::max(now.steady, later(last_step_at_, plan_.pause()));
    }
}

bool RunMachine::follows_shape() const {
    return !options_.course.name.empty() && stages_.empty();
}

// Those who are still to come count, unless there is nothing left for them to do.
bool RunMachine::nobody_is_left() const {
    const bool is_up_to_date =
        engine_.tests_begun == tests_ && engine_.steps_done == steps_taken_ && steps_taken_ > 0;
    if (!is_up_to_date || engine_.user_count > 0) return false;
    if (engine_.nothing_left) return state_ == State::Spawning || state_ == State::Running;
    const auto& arrivals = engine_.arrivals;
    const bool arrivals_to_come =
        std::any_of(arrivals.begin(), arrivals.end(), [](const ArrivalProgress& progress) {
            return progress.more_to_come;
        });
    return state_ == State::Running && (plan_.planned() > 0 || !arrivals.empty()) &&
           !follows_shape() && !stages_.more_to_come() && !arrivals_to_come;
}

void RunMachine::advance_spawning(const Moment& now) {
    const bool waits_for_shape = follows_shape() && !last_wish_;
    if (waits_for_shape || engine_.steps_done != steps_taken_) return;
    if (plan_.complete()) {
        complete_spawning(now);
    } else if (now.steady >= next_step_at_) {
        take_next_step(now);
    }
}

void RunMachine::take_next_step(const Moment& now) {
    // The pause counts from when the step begins, so that a slow step shortens it.
    next_step_at_ = later(now.steady, plan_.pause());
    steps_taken_ += 1;
    SpawnStep step = plan_.next_step().value();
    if (!step.start.empty() || step.stop > 0) last_step_at_ = now.steady;
    link_.take_step(std::move(step));
}

void RunMachine::complete_spawning(const Moment& now) {
    state_ = State::Running;
    base::log(LogLevel::Info, "All users spawned: {}", describe_users(plan_));
    const bool again = !options_.course.name.empty() && ramped_up_;
    ramped_up_ = true;
    if (options_.reset_when_spawned && !again) {
        base::log(LogLevel::Info, "Resetting the statistics");
        reset_statistics(now);
    }
    stages_.on_ramp_complete(now.steady);
    if (!run_time_counts_from_) run_time_begins(now);
    link_.announce_spawned(plan_.planned());
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

std::chrono::nanoseconds RunMachine::elapsed(const Moment& now) const {
    if (state_ == State::Ready) return {};
    return testing() ? elapsed_since_start(now) : final_elapsed_;
}

std::chrono::nanoseconds RunMachine::elapsed_since_start(const Moment& now) const {
    if (!begun_) return {};
    return paused_.value_or(now.steady) - started_.steady - paused_before_;
}

std::chrono::nanoseconds RunMachine::whole_run_time() const {
    auto whole = stages_.duration();
    if (run_time_ && run_time_counts_from_) {
        const auto limit = ramp_time_ + *run_time_;
        whole = whole ? std::min(*whole, limit) : limit;
    }
    return whole.value_or(std::chrono::nanoseconds::zero());
}

std::string RunMachine::course() const {
    if (stages_.empty()) return options_.course.name;
    return fmt::format("stage {} of {}", stages_.present(), stages_.size());
}

std::optional<Progress> RunMachine::progress(const Moment& now) const {
    if (!testing()) return std::nullopt;
    std::optional<Progress> progress;
    const std::chrono::nanoseconds elapsed = this->elapsed(now);
    const auto ns = static_cast<double>(elapsed.count());
    if (const auto whole = whole_run_time(); whole > std::chrono::nanoseconds::zero()) {
        progress = {.part = std::min(1.0, ns / static_cast<double>(whole.count())),
                    .time_left = std::max(whole - elapsed, std::chrono::nanoseconds::zero())};
    }
    const auto part = engine_.limits_part_done;
    if (engine_.tests_begun == tests_ && part && (!progress || *part > progress->part)) {
        progress = {.part = *part, .time_left = std::nullopt, .by_limits = true};
        const double left_ns = *part > 0 ? ns * (1 - *part) / *part : 0;
        constexpr double kLongestNs = 9e18;
        const bool is_too_early = elapsed < std::chrono::seconds(1);  // it would be a guess
        if (*part > 0 && left_ns < kLongestNs && !is_too_early) {
            progress->time_left = std::chrono::nanoseconds(static_cast<std::int64_t>(left_ns));
        }
    }
    return progress;
}

void RunMachine::warn(const std::string& line) {
    if (std::find(warnings_.begin(), warnings_.end(), line) == warnings_.end()) {
        warnings_.push_back(line);
    }
}

Snapshot RunMachine::snapshot(const Moment& now) const {
    Snapshot snapshot;
    snapshot.state = state_;
    snapshot.host = host_;
    snapshot.profile = options_.profile;
    snapshot.user_count = engine_.user_count;
    snapshot.target_user_count = testing() ? plan_.target() : 0;
    const std::size_t planned_classes = plan_.classes().size();
    for (std::size_t index = 0; index < engine_.users.size(); ++index) {
        const std::string& name = index < planned_classes
                                      ? plan_.classes()[index].name
                                      : options_.arrival_classes[index - planned_classes];
        snapshot.user_class_counts[name] = engine_.users[index];
    }
    snapshot.arrivals = engine_.arrivals;
    snapshot.start_time = started_.wall;
    snapshot.elapsed = elapsed(now);
    snapshot.run_time = whole_run_time();
    snapshot.paused = paused_.has_value();
    snapshot.course = course();
    snapshot.statistics = std::make_shared<const stats::Totals>(totals_);
    if (engine_.tests_begun == tests_) snapshot.limits = engine_.limits;
    snapshot.progress = progress(now);
    snapshot.warnings = warnings_;
    if (state_ != State::Ready) snapshot.thresholds = judged(options_.goals, snapshot);
    return snapshot;
}

void RunMachine::tell_engine(const Moment& now) {
    RunNews news;
    news.state = state_;
    news.user_count = engine_.user_count;
    news.target_user_count = testing() ? plan_.target() : 0;
    news.elapsed = elapsed(now);
    const stats::Entry& total = totals_.total();
    news.requests = total.counts.requests;
    news.failures = total.counts.failures;
    news.requests_per_s = totals_.total_rates(total).requests_per_s;
    news.median = total.percentile(0.50);
    news.p95 = total.percentile(0.95);
    news.p99 = total.percentile(0.99);
    link_.tell(news);
}

}  // namespace cicada::run
