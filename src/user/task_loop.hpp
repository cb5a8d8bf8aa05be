// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/user.hpp>
#include <cstddef>
#include <deque>
#include <memory>

#include "user/limited_execution.hpp"
#include "user/pause.hpp"
#include "user/signals.hpp"
#include "user/task_tree.hpp"
#include "user/ticket_office.hpp"

namespace cicada::user {

class LiveUser;

/// One level of a user: the user itself, or a task set that it is in. Chooses a task, runs it,
/// waits, and chooses again.
///
/// A task that is a task set has a loop of its own as long as the visit lasts. How an inner loop
/// ended is told to the outer one as an Outcome, not by an exception.
/// Source: Locust, task.py, TaskSet.run().
class TaskLoop {
public:
    /// `outer` is null for the user itself.
    TaskLoop(LiveUser& user, const TaskGroup& group, TaskLoop* outer);
    TaskLoop(const TaskLoop&) = delete;
    TaskLoop& operator=(const TaskLoop&) = delete;
    ~TaskLoop();

    // The parts of a life, in this order. All may suspend.

    /// Constructs the owner. There is none afterwards if its constructor did not return.
    Outcome create();
    Outcome start();  ///< on_start
    /// Runs tasks until there is a reason to leave this level.
    Outcome run();
    /// on_stop, shielded and within its time limit.
    Outcome stop();
    void destroy();

    /// Queues `task` to be run before any is chosen.
    void schedule(detail::Function<void()> task, TaskOwner::Place place);

    [[nodiscard]] TaskOwner* owner() const { return owner_.get(); }
    [[nodiscard]] LiveUser& user() const { return user_; }
    [[nodiscard]] TaskLoop* outer() const { return outer_; }
    [[nodiscard]] const TaskGroup& group() const { return group_; }

    /// Of a turn at this level, as the limits are now. Never: this level is done.
    [[nodiscard]] Supply supply() const;

    /// What is being executed at this level; null: nothing, or a scheduled task.
    [[nodiscard]] const Choice* running() const { return running_; }

private:
    /// One task, and the wait after it.
    Outcome turn();
    Outcome await_supply();
    Outcome execute_next();
    Outcome execute(const Choice& choice);
    Outcome execute_scheduled();
    Outcome pause();

    /// A visit of the task set `choice`, from its constructor to its destructor, as this level
    /// sees it.
    Outcome visit(const Choice& choice);

    /// Null: none is left.
    const Choice* choose();
    [[nodiscard]] bool is_open(const Choice& choice) const;
    [[nodiscard]] Supply supply_of_choices() const;
    const Choice* choose_by_weight();
    const Choice* choose_open_by_weight();
    const Choice* choose_in_turn();
    const Choice* choose_by_transition();
    const Choice* choose_each_once();
    [[nodiscard]] std::uint64_t weight_of(const Step& step) const;

    LiveUser& user_;
    const TaskGroup& group_;
    TaskLoop* outer_;
    std::unique_ptr<TaskOwner> owner_;
    Pacing pacing_;
    const Choice* running_ = nullptr;
    std::size_t place_ = 0;                ///< in the choices, where the order remembers one
    int repeats_ = 0;                      ///< of the task at that place
    bool begun_ = false;                   ///< a Markov set has run its first task
    const RequestScope* scope_ = nullptr;  ///< of a task set: what limits all requests in it
    std::unique_ptr<std::deque<detail::Function<void()>>> scheduled_;  ///< null: never any
};

}  // namespace cicada::user
