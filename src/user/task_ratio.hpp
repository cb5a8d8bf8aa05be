// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "user/declaration.hpp"

namespace cicada::user {

/// How often something is chosen, as a part of what it is chosen from or of the whole test.
struct TaskRatio {
    std::string name;
    double ratio;                  ///< 0 to 1
    std::vector<TaskRatio> tasks;  ///< of a user class, a task set
};

/// How the users divide into classes and their choices into tasks.
struct TaskRatios {
    std::vector<TaskRatio> per_class;  ///< each relative to the level around it
    std::vector<TaskRatio> total;      ///< each relative to all
};

/// What `classes` do when each has so many users, or such a part of all.
///
/// A task set counts as often as it is entered, and its tasks are parts of it: by weight, and in a
/// Markov set by how often an endless walk along its transitions comes by.
/// Source: Locust, inspectuser.py.
TaskRatios task_ratios(const std::vector<const Declaration*>& classes,
                       const std::vector<double>& users);

/// Two indented lists, as `--show-task-ratio` prints them; ends with a line feed.
std::string table_of(const TaskRatios& ratios);

/// {"per_class": {NAME: {"ratio": R, "tasks": {...}}}, "total": {...}}, indented by 4.
std::string json_of(const TaskRatios& ratios);

}  // namespace cicada::user
