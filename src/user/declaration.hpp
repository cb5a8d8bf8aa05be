// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/users.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "user/arrival_plan.hpp"

namespace cicada::detail {

/// A task of a user class.
struct Task {
    std::string name;
    std::string label;  ///< "Shopper.browse", for logs, exceptions and the watchdog
    TaskFunction run;
    int weight = 1;
    Place place;
};

/// See cicada/detail/declare.hpp. Never changes once the registry is sealed.
struct Declaration {
    ClassInfo info;
    std::string name;
    Place place;
    std::filesystem::path file;  ///< the test file that was being loaded; may be empty
    std::string host;            ///< empty: none given
    double weight = 1;
    std::int64_t fixed_count = 0;  ///< 0: chosen by weight
    WaitTime wait_time;
    WaitFunction wait_function;  ///< if given, instead of wait_time
    std::vector<Task> tasks;
    std::int64_t task_weights = 0;  ///< their sum

    std::optional<user::ArrivalPlan> arrivals;  ///< of arrivals<>(); nothing: users<>()

    // Labels of what is no task.
    std::string on_start_label;
    std::string on_stop_label;
    std::string wait_label;
};

}  // namespace cicada::detail

namespace cicada::user {

using detail::Declaration;
using detail::Task;

}  // namespace cicada::user
