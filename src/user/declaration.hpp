// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/users.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "user/arrival_plan.hpp"

namespace cicada::user {
struct TaskGroup;
}

namespace cicada::detail {

/// A MarkovTaskSet's way from one task to another.
struct Transition {
    std::string to;
    int weight = 1;
    Place place;
};

/// A task of a user class or a task set.
struct Task {
    std::size_t number = 0;  ///< among all tasks of the test, once sealed
    std::string name;
    std::string function_name;  ///< as written; .next<&Set::task> means it
    std::string label;          ///< "Shopper.browse", for logs, exceptions and the watchdog
    TaskFunction run;           ///< empty: a task set
    std::optional<ClassInfo> task_set;
    int weight = 1;
    std::vector<std::string> tags;
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> request_limit;
    std::optional<std::int64_t> limit_per_user;
    std::vector<Transition> next;
    Place place;
};

/// See cicada/detail/declare.hpp. Never changes once the registry is sealed, but for `tasks_to_run`
/// by Registry::select_tasks.
struct Declaration {
    Declaration();
    Declaration(const Declaration&) = delete;
    Declaration& operator=(const Declaration&) = delete;
    ~Declaration();

    /// By its name or, if there is none of that name, by that of its function; null: there is none.
    [[nodiscard]] const Task* find(std::string_view task) const;

    ClassInfo info;
    std::string name;
    Place place;
    std::filesystem::path file;  ///< the test file that was being loaded; may be empty
    WaitTime wait_time;
    WaitFunction wait_function;   ///< if given, instead of wait_time
    bool says_wait_time = false;  ///< otherwise a task set waits as its user does
    std::vector<Task> tasks;
    std::unique_ptr<const user::TaskGroup> tasks_to_run;  ///< of a user class; null: not sealed yet

    // Of a task set.
    bool is_task_set = false;
    TaskOrder order = TaskOrder::ByWeight;

    // Of a user class.
    std::optional<std::int64_t> iterations;  ///< of all its users together
    std::optional<std::int64_t> iterations_per_user;
    std::string host;  ///< empty: none given
    double weight = 1;
    std::int64_t fixed_count = 0;  ///< 0: chosen by weight

    std::optional<user::ArrivalPlan> arrivals;  ///< of arrivals<>(); nothing: users<>()

    // Labels of what is no task.
    std::string on_start_label;
    std::string on_stop_label;
    std::string wait_label;
    std::string scheduled_label;
};

}  // namespace cicada::detail

namespace cicada::user {

using detail::Declaration;
using detail::Task;

}  // namespace cicada::user
