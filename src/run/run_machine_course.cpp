// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/later.hpp"
#include "base/log.hpp"
#include "run/run_machine.hpp"

// How many users there are to be: ramps in steps, stages, a load shape, and the run time.
namespace cicada::run {
namespace {

using base::later;
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

}  // namespace

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
    if (!step.start.empty() || !step.stop.empty()) last_step_at_ = now.steady;
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

}  // namespace cicada::run
