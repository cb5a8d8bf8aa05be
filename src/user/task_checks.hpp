// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "user/declaration.hpp"
#include "user/task_tree.hpp"

namespace cicada::user {

/// Something that is wrong with a test, and where it says so.
struct Complaint {
    detail::Place place;
    std::string what;
};

/// "user class Shopper", "task set Forum".
std::string described(const Declaration& declaration);

/// Adds to `found` what is wrong with the tasks of `declaration`, a user class or one of `sets`,
/// once the whole test is declared: none or none with a weight, a set without tasks, a set within
/// itself, a transition of a Markov set that leads nowhere.
void check_tasks(const Declaration& declaration,
                 const std::vector<std::unique_ptr<Declaration>>& sets,
                 std::vector<Complaint>& found);

/// Adds what is odd but may be meant: a set nobody uses, a task no transition leads to.
void check_oddities(const std::vector<std::unique_ptr<Declaration>>& classes,
                    const std::vector<std::unique_ptr<Declaration>>& sets,
                    std::vector<Complaint>& found);

/// Adds what is wrong with `selection` for `user_class`, of which it leaves `left`.
void check_selection(const TaskSelection& selection,
                     const Declaration& user_class,
                     const TaskGroup& left,
                     std::vector<std::string>& complaints);

}  // namespace cicada::user
