// SPDX-License-Identifier: Apache-2.0
#include "run/run_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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
    if (target.users < 0 || target.users > RunMachine::kMostUsers) {
        return base::failure(fmt::format("the number of users is {}, but has to be 0 to {}",
                                         target.users,
                                         RunMachine::kMostUsers));
    }
    if (!std::isfinite(target.spawn_rate) || target.spawn_rate <= 0) {
        return base::failure(
            fmt::format("the spawn rate is {}, but has to be above 0", target.spawn_rate));
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
    : plan_(std::move(classes)), options_(options), link_(engine), totals_(now.wall) {}

bool RunMachine::testing() const {
    return state_ == State::Spawning || state_ == State::Running || state_ == State::Cleanup;
}

base::Result<void> RunMachine::start(const Target& target, const Moment& now) {
    if (const auto checked = check(target); !checked) return checked;
    if (quitting_) return base::failure(std::string("the program is about to end"));
    if (state_ == State::Cleanup) {
        return base::failure(std::string("the last test is still being stopped"));
    }
    if (target.host) host_ = *target.host;
    if (!testing()) begin_test(now);
    if (target.run_time) {
        run_time_ = target.run_time;
        run_ends_at_ = later(started_.steady, *target.run_time);
    }
    plan_.aim(target.users, target.spawn_rate);
    next_step_at_ = now.steady;
    state_ = State::Spawning;
    base::log(LogLevel::Info,
              "Ramping to {} users at a rate of {:.2f} per second",
              target.users,
              target.spawn_rate);
    advance(now);
    return {};
}

void RunMachine::begin_test(const Moment& now) {
    tests_ += 1;
    started_ = now;
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

void RunMachine::reset_statistics(const Moment& now) {
    epoch_ += 1;
    totals_.reset(now.wall);
    link_.reset_statistics(epoch_);
}

void RunMachine::on_report(EngineReport&& report, const Moment& now) {
    merge(std::exchange(report.delta, {}), report.statistics_epoch);
    engine_ = std::move(report);
    obey_user_code(now);
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

void RunMachine::on_time(const Moment& now) {
    if (now.steady >= run_ends_at_ && testing()) {
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
    if (state_ == State::Spawning) advance_spawning(now);
    const bool nobody_is_left = state_ == State::Running && plan_.planned() > 0 &&
                                engine_.user_count == 0 && engine_.steps_done == steps_taken_;
    if (nobody_is_left) {
        base::log(LogLevel::Info, "All users have ended, the test is complete");
        begin_stop(StoppedBy::Itself);
    }
    if (state_ == State::Cleanup && engine_.tests_ended == tests_) complete_stop(now);
    if (quitting_ && !testing() && !leaving_) {
        leaving_ = true;
        quit_at_ = TimePoint::max();
        link_.leave();
    }
}

void RunMachine::advance_spawning(const Moment& now) {
    if (engine_.tests_begun != tests_ || engine_.steps_done != steps_taken_) return;
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
    link_.take_step(plan_.next_step().value());
}

void RunMachine::complete_spawning(const Moment& now) {
    state_ = State::Running;
    base::log(LogLevel::Info, "All users spawned: {}", describe_users(plan_));
    if (options_.reset_when_spawned) {
        base::log(LogLevel::Info, "Resetting the statistics");
        reset_statistics(now);
    }
    link_.announce_spawned(plan_.planned());
}

void RunMachine::complete_stop(const Moment& now) {
    state_ = State::Stopped;
    final_elapsed_ = now.steady - started_.steady;
    history_at_ = TimePoint::max();
    totals_.sample_history(now.wall, engine_.user_count);
    if (stopped_by_ == StoppedBy::Itself && options_.quit_after_test) {
        quit_at_ = later(now.steady, *options_.quit_after_test);
        if (now.steady >= quit_at_) quitting_ = true;
    }
}

TimePoint RunMachine::next_deadline() const {
    TimePoint deadline = std::min({run_ends_at_, quit_at_, history_at_});
    const bool waits_for_step = state_ == State::Spawning && !plan_.complete() &&
                                engine_.tests_begun == tests_ && engine_.steps_done == steps_taken_;
    if (waits_for_step) deadline = std::min(deadline, next_step_at_);
    return deadline;
}

std::chrono::nanoseconds RunMachine::elapsed(const Moment& now) const {
    if (state_ == State::Ready) return {};
    return testing() ? now.steady - started_.steady : final_elapsed_;
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
    snapshot.user_count = engine_.user_count;
    snapshot.target_user_count = testing() ? plan_.target() : 0;
    for (std::size_t index = 0; index < engine_.users.size(); ++index) {
        snapshot.user_class_counts[plan_.classes()[index].name] = engine_.users[index];
    }
    snapshot.start_time = started_.wall;
    snapshot.elapsed = elapsed(now);
    snapshot.run_time = run_time_.value_or(std::chrono::nanoseconds::zero());
    snapshot.statistics = std::make_shared<const stats::Totals>(totals_);
    snapshot.warnings = warnings_;
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
