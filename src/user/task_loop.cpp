// SPDX-License-Identifier: Apache-2.0
#include "user/task_loop.hpp"

#include <utility>

#include "fiber/scheduler.hpp"
#include "user/live_user.hpp"

namespace cicada::user {
namespace {

constexpr std::string_view kConstructor = "constructor";
constexpr std::string_view kOnStart = "on_start";
constexpr std::string_view kOnStop = "on_stop";
constexpr std::string_view kWaitTime = "wait_time";
constexpr std::string_view kScheduled = "scheduled task";

/// How the end of a visit looks to the level around it.
Outcome seen_from_outside(Outcome outcome) {
    switch (outcome) {
        case Outcome::Interrupted:
            return Outcome::Finished;
        case Outcome::InterruptedAtOnce:
        case Outcome::NothingLeft:
            return Outcome::PickAtOnce;
        default:
            return outcome;
    }
}

}  // namespace

TaskLoop::TaskLoop(LiveUser& user, const TaskGroup& group, TaskLoop* outer)
    : user_(user), group_(group), outer_(outer) {}

TaskLoop::~TaskLoop() = default;

// ---- the parts of a life ------------------------------------------------------------------------

Outcome TaskLoop::create() {
    const LiveUser::Creation creation(user_, *this);
    return user_.guarded({kConstructor, group_.declaration->on_start_label},
                         [this] { owner_.reset(group_.declaration->info.create()); });
}

Outcome TaskLoop::start() {
    return user_.guarded({kOnStart, group_.declaration->on_start_label},
                         [this] { owner_->on_start(); });
}

Outcome TaskLoop::run() {
    pacing_ = {.last_call = fiber::now(), .last_wait = {}};
    while (true) {
        const Outcome outcome = turn();
        if (outcome >= Outcome::Interrupted) return outcome;
    }
}

Outcome TaskLoop::stop() {
    return user_.run_on_stop({kOnStop, group_.declaration->on_stop_label}, *owner_);
}

void TaskLoop::destroy() {
    fiber::set_label(group_.declaration->on_stop_label.c_str());
    owner_.reset();
}

Outcome TaskLoop::visit(const Choice& choice) {
    const LimitedExecution limited(user_, choice);
    TaskLoop set(user_, *choice.inside, this);
    set.scope_ = static_cast<const RequestScope*>(fiber::purpose());
    const LiveUser::Visit visit(user_, set);
    fiber::set_label(set.group_.declaration->on_start_label.c_str());
    Outcome outcome = set.create();
    if (set.owner_ == nullptr) return seen_from_outside(outcome);
    if (outcome < Outcome::Threw) outcome = set.start();
    const bool has_started = outcome < Outcome::Threw;
    if (has_started) outcome = set.run();

    const fiber::Shield shield;
    if (has_started) {
        if (outcome >= Outcome::Stopped) user_.begin_leaving();
        if (set.stop() == Outcome::Stopped) outcome = Outcome::Stopped;
    }
    set.destroy();
    user_.settle_rest();
    return seen_from_outside(outcome);
}

// ---- one turn -----------------------------------------------------------------------------------

Outcome TaskLoop::turn() {
    if (user_.is_stopping()) return Outcome::Stopped;
    // An arrival is for somebody who can execute it.
    if (user_.has_arrivals(*this) && user_.allowance().limited() && supply() == Supply::Never) {
        return Outcome::NothingLeft;
    }
    if (const Outcome opened = user_.await_turn(*this); opened != Outcome::Finished) return opened;
    if (user_.allowance().limited()) {
        if (const Outcome awaited = await_supply(); awaited != Outcome::Finished) return awaited;
    }
    const Outcome outcome = execute_next();
    if (user_.runs_each_task_once()) {  // nothing that a task does keeps the others from running
        return outcome == Outcome::NothingLeft || user_.is_stopping() ? outcome : user_.wait({});
    }
    switch (outcome) {
        case Outcome::Finished:
        case Outcome::Threw:
            return pause();
        case Outcome::PickAtOnce:
            return user_.wait({});
        default:  // an interruption may come late, by a fiber that is joined when its set is gone
            return outer_ == nullptr && outcome < Outcome::NothingLeft ? pause() : outcome;
    }
}

// A task set whose tickets may come back is left all the same: there may be something to do
// outside. Only the user itself waits.
Outcome TaskLoop::await_supply() {
    while (true) {
        const Supply now = supply();
        if (now == Supply::Now) return Outcome::Finished;
        if (now == Supply::Never || outer_ != nullptr) return Outcome::NothingLeft;
        if (const Outcome waited = user_.wait_for_tickets(); waited != Outcome::Finished) {
            return waited;
        }
        if (user_.is_stopping()) return Outcome::Stopped;
    }
}

Outcome TaskLoop::execute_next() {
    user_.begin_turn();
    if (scheduled_ != nullptr && !scheduled_->empty()) return execute_scheduled();
    running_ = choose();
    if (running_ == nullptr) return Outcome::NothingLeft;
    const Outcome outcome = execute(*running_);
    if (user_.has_arrivals(*this)) user_.end_arrival(running_->task->label, outcome);
    running_ = nullptr;
    return outcome;
}

Outcome TaskLoop::execute(const Choice& choice) {
    if (choice.inside != nullptr) return visit(choice);
    const Task& task = *choice.task;
    user_.begin_execution(task.label);
    LimitedExecution limited(user_, choice);
    const Outcome outcome = user_.guarded({task.name, task.label}, [&] { task.run(*owner_); });
    if (outcome == Outcome::Cancelled) limited.note_cut_off();
    return outcome;
}

Outcome TaskLoop::execute_scheduled() {
    const detail::Function<void()> task = std::move(scheduled_->front());
    scheduled_->pop_front();
    const std::string& label = group_.declaration->scheduled_label;
    user_.begin_execution(label);
    const LimitedExecution limited(user_);
    const Outcome outcome = user_.guarded({kScheduled, label}, [&task] { task(); });
    if (user_.has_arrivals(*this)) user_.end_arrival(label, outcome);
    return outcome;
}

void TaskLoop::schedule(detail::Function<void()> task, TaskOwner::Place place) {
    if (scheduled_ == nullptr) scheduled_ = std::make_unique<decltype(scheduled_)::element_type>();
    if (place == TaskOwner::Place::First) {
        scheduled_->push_front(std::move(task));
    } else {
        scheduled_->push_back(std::move(task));
    }
}

Outcome TaskLoop::pause() {
    if (user_.is_stopping()) return Outcome::Stopped;
    if (user_.has_arrivals(*this)) return Outcome::Finished;
    if (user_.allowance().limited() && supply() == Supply::Never) return Outcome::NothingLeft;
    TaskLoop& waiting = group_.declaration->says_wait_time ? *this : user_.outermost();
    const Declaration& declaration = *waiting.group_.declaration;
    nanoseconds time{};
    if (!declaration.wait_function) {
        const bool reads_clock = declaration.wait_time.kind == WaitTime::Kind::Pacing;
        const base::TimePoint now = reads_clock ? fiber::now() : base::TimePoint{};
        time = next_pause(declaration.wait_time, now, user_.random(), waiting.pacing_);
    } else {
        const Outcome outcome = user_.guarded({kWaitTime, declaration.wait_label}, [&] {
            time = declaration.wait_function(*waiting.owner_).nanoseconds();
        });
        if (outcome >= Outcome::Interrupted) return outcome;
    }
    return user_.wait(time);
}

// ---- the choice ---------------------------------------------------------------------------------

const Choice* TaskLoop::choose() {
    if (user_.runs_each_task_once()) return choose_each_once();
    switch (group_.declaration->order) {
        case detail::TaskOrder::ByWeight:
            return choose_by_weight();
        case detail::TaskOrder::InTurn:
            return choose_in_turn();
        case detail::TaskOrder::ByTransition:
            return choose_by_transition();
    }
    return nullptr;
}

bool TaskLoop::is_open(const Choice& choice) const {
    const Allowance& allowance = user_.allowance();
    return !allowance.limited() || allowance.of(choice) == Supply::Now;
}

Supply TaskLoop::supply() const {
    const Supply anything = all_of(user_.allowance().iterations(), supply_of(scope_));
    const bool scheduled = scheduled_ != nullptr && !scheduled_->empty();
    return scheduled ? anything : all_of(anything, supply_of_choices());
}

Supply TaskLoop::supply_of_choices() const {
    const Allowance& allowance = user_.allowance();
    const bool on_its_way = group_.declaration->order == detail::TaskOrder::ByTransition && begun_;
    if (!on_its_way) return allowance.anything_in(group_);
    Supply best = Supply::Never;
    for (const Step& step : group_.choices[place_].next) {
        best = one_of(best, allowance.of(group_.choices[step.to]));
    }
    return best;
}

const Choice* TaskLoop::choose_by_weight() {
    if (user_.allowance().limited()) return choose_open_by_weight();
    if (group_.choices.size() == 1) return group_.choices.data();
    auto point =
        static_cast<std::int64_t>(user_.random().below(static_cast<std::uint64_t>(group_.weights)));
    auto choice = group_.choices.begin();
    while (point >= choice->weight) {
        point -= choice->weight;
        ++choice;
    }
    return &*choice;
}

const Choice* TaskLoop::choose_open_by_weight() {
    std::uint64_t weights = 0;
    for (const Choice& choice : group_.choices) {
        if (is_open(choice)) weights += static_cast<std::uint64_t>(choice.weight);
    }
    if (weights == 0) return nullptr;
    auto point = static_cast<std::int64_t>(user_.random().below(weights));
    for (const Choice& choice : group_.choices) {
        if (!is_open(choice)) continue;
        if (point < choice.weight) return &choice;
        point -= choice.weight;
    }
    return nullptr;
}

const Choice* TaskLoop::choose_in_turn() {
    for (std::size_t passed = 0; passed <= group_.choices.size(); ++passed) {
        const Choice& choice = group_.choices[place_];
        const bool open = is_open(choice);
        if (!open || ++repeats_ >= choice.weight) {
            repeats_ = 0;
            place_ = (place_ + 1) % group_.choices.size();
        }
        if (open) return &choice;
    }
    return nullptr;
}

const Choice* TaskLoop::choose_by_transition() {
    if (begun_) {
        const std::vector<Step>& steps = group_.choices[place_].next;
        std::uint64_t weights = 0;
        for (const Step& step : steps) weights += weight_of(step);
        if (weights == 0) return nullptr;
        std::uint64_t point = user_.random().below(weights);
        auto step = steps.begin();
        while (point >= weight_of(*step)) {
            point -= weight_of(*step);
            ++step;
        }
        place_ = step->to;
    }
    begun_ = true;
    return is_open(group_.choices[place_]) ? &group_.choices[place_] : nullptr;
}

std::uint64_t TaskLoop::weight_of(const Step& step) const {
    return is_open(group_.choices[step.to]) ? static_cast<std::uint64_t>(step.weight) : 0;
}

const Choice* TaskLoop::choose_each_once() {
    return place_ < group_.choices.size() ? &group_.choices[place_++] : nullptr;
}

}  // namespace cicada::user
