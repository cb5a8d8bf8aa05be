// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "user/declaration.hpp"

namespace cicada::user {

/// Where a Markov task set may go on, as a place in its group's choices.
struct Step {
    std::size_t to;
    int weight;
};

/// One of the tasks that are chosen from at one level.
struct Choice {
    const Task* task;
    int weight;
    std::unique_ptr<const TaskGroup> inside;  ///< of a task set; of any other task null
    std::vector<Step> next;                   ///< in a Markov task set
};

/// The tasks of a user class, or of one use of a task set, that are run at all: those of weight 0
/// and those that tags exclude are left out.
struct TaskGroup {
    const Declaration* declaration;  ///< whose tasks they are
    std::vector<Choice> choices;     ///< as declared
    std::int64_t weights = 0;        ///< their sum
};

/// Which of the declared tasks are run, and how often. All by default, as declared.
struct TaskSelection {
    std::vector<std::string> tags{};          ///< if any: only tasks that have at least one of them
    std::vector<std::string> exclude_tags{};  ///< no task that has any of them
    bool equal_weights = false;               ///< each task weighs as much as its siblings

    /// Of a user class: the names of its own tasks that are kept. Classes not named keep theirs.
    std::vector<std::pair<std::string, std::vector<std::string>>> tasks_of_class{};
};

/// The tasks of `user_class` that `selection` leaves, with those of the task sets among them at any
/// depth. `sets` are all task sets of the test.
///
/// Tags of a task set are tags of all tasks in it. A Markov task set is kept or left out as a
/// whole, since a transition must lead somewhere. A set without tasks is left out.
/// Source: Locust, task.py, filter_tasks_by_tags(), which keeps every Markov task set.
TaskGroup task_tree(const Declaration& user_class,
                    const std::vector<std::unique_ptr<Declaration>>& sets,
                    const TaskSelection& selection);

/// The declaration of task set `set` as seen from a test file; null: there is none.
const Declaration* find_task_set(const detail::ClassInfo& set,
                                 const std::filesystem::path& file,
                                 const std::vector<std::unique_ptr<Declaration>>& sets);

}  // namespace cicada::user
