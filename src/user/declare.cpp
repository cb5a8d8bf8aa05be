// SPDX-License-Identifier: Apache-2.0
// The builders of users<>() and task_set<>(): each notes what it was told, or that it makes no
// sense.
#include <fmt/format.h>

#include <algorithm>
#include <cicada/users.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/shown_path.hpp"
#include "http/url.hpp"
#include "user/registry.hpp"

namespace cicada::detail {

// Only its address is looked at: a test that is linked with us may declare tasks before this is
// initialised.
const TaskOptions no_task_options;

namespace {

void complain(const Declaration& declaration, const Place& place, const std::string& what) {
    user::registry().complain(place, fmt::format("{}: {}", user::described(declaration), what));
}

void check_limit(const Declaration& owner,
                 const Task& task,
                 const char* field,
                 std::optional<std::int64_t>& limit) {
    if (!limit || *limit >= 1) return;
    complain(owner,
             task.place,
             fmt::format("task {}: .{} = {} has to be 1 or more{}",
                         task.name,
                         field,
                         *limit,
                         *limit == 0 ? "; a task that is never to run has .weight = 0" : ""));
    limit.reset();
}

/// Writes into `task` what `options` say, but for what makes no sense.
void apply(const TaskOptions& options, const Declaration& owner, Task& task) {
    if (!options.name.empty()) task.name = options.name;
    task.weight = options.weight;
    task.tags.assign(options.tags.begin(), options.tags.end());
    task.limit = options.limit;
    task.request_limit = options.request_limit;
    task.limit_per_user = options.limit_per_user;
    if (task.weight < 0) {
        complain(owner,
                 task.place,
                 fmt::format("task {}: .weight = {} is negative", task.name, task.weight));
        task.weight = 0;
    }
    if (std::find(task.tags.begin(), task.tags.end(), "") != task.tags.end()) {
        complain(owner, task.place, fmt::format("task {}: a tag is empty", task.name));
    }
    check_limit(owner, task, "limit", task.limit);
    check_limit(owner, task, "request_limit", task.request_limit);
    check_limit(owner, task, "limit_per_user", task.limit_per_user);
}

void add(Declaration& owner, Task task, const TaskOptions& options) {
    task.name = task.function_name;
    if (&options != &no_task_options) apply(options, owner, task);
    if (task.name.empty()) complain(owner, task.place, "a task has an empty name");
    const auto same = std::find_if(owner.tasks.begin(), owner.tasks.end(), [&](const Task& other) {
        return other.name == task.name;
    });
    if (same != owner.tasks.end()) {
        complain(owner,
                 task.place,
                 fmt::format("there is a task {} at {} already; give one of them a .name",
                             task.name,
                             base::shown(same->place)));
    }
    owner.tasks.push_back(std::move(task));
}

void expect_unsealed(const char* builder, const Place& place) {
    user::registry().expect_unsealed(builder, place);
}

}  // namespace

Declaration& declare_users(const ClassInfo& user, const Place& place) {
    return user::registry().declare(user, place);
}

Declaration& declare_task_set(const ClassInfo& task_set, TaskOrder order, const Place& place) {
    return user::registry().declare_task_set(task_set, order, place);
}

void add_task(Declaration& owner,
              std::string_view name,
              TaskFunction run,
              const TaskOptions& options,
              const Place& place) {
    expect_unsealed(".task()", place);
    Task task;
    task.function_name = name;
    task.run = std::move(run);
    task.place = place;
    add(owner, std::move(task), options);
}

void add_task_set(Declaration& owner,
                  const ClassInfo& task_set,
                  const TaskOptions& options,
                  const Place& place) {
    expect_unsealed(".task_set()", place);
    Task task;
    task.function_name = task_set.name;
    task.task_set = task_set;
    task.place = place;
    add(owner, std::move(task), options);
}

void add_transition(Declaration& owner, std::string_view to, int weight, const Place& place) {
    expect_unsealed(".next()", place);
    if (owner.tasks.empty()) {
        complain(owner, place, fmt::format(".next {} stands after the task that it leaves", to));
        return;
    }
    Task& from = owner.tasks.back();
    if (weight <= 0) {
        complain(
            owner,
            place,
            fmt::format(
                "task {}: .next {} with weight {}: it has to be above 0", from.name, to, weight));
        weight = 1;
    }
    from.next.push_back({std::string(to), weight, place});
}

void set_name(Declaration& declaration, std::string_view name, const Place& place) {
    expect_unsealed(".name()", place);
    if (name.empty()) {
        complain(declaration, place, ".name() is empty");
    } else {
        declaration.name = name;
    }
}

void set_wait_time(Declaration& declaration, const WaitTime& wait_time, const Place& place) {
    expect_unsealed(".wait_time()", place);
    declaration.says_wait_time = true;
    declaration.wait_function = {};
    declaration.wait_time = wait_time;
    if (wait_time.shortest == kInherited) {
        complain(declaration, place, "constant_throughput() needs a number above 0");
        declaration.wait_time = {};
    } else if (wait_time.shortest < Duration{}) {
        complain(declaration,
                 place,
                 fmt::format("a wait time is negative: {} s", wait_time.shortest.seconds()));
        declaration.wait_time = {};
    } else if (wait_time.shortest > wait_time.longest) {
        complain(declaration,
                 place,
                 fmt::format("between({} s, {} s): the first is the shortest wait time",
                             wait_time.shortest.seconds(),
                             wait_time.longest.seconds()));
        declaration.wait_time = {};
    }
}

void set_wait_time(Declaration& declaration, WaitFunction think, const Place& place) {
    expect_unsealed(".wait_time()", place);
    declaration.says_wait_time = true;
    declaration.wait_function = std::move(think);
}

void set_host(Declaration& declaration, std::string_view url, const Place& place) {
    expect_unsealed(".host()", place);
    const auto parsed = http::Url::parse(url);
    if (parsed) {
        declaration.host = url;
    } else {
        complain(declaration, place, fmt::format(".host(): {}", parsed.error()));
    }
}

void set_weight(Declaration& declaration, double weight, const Place& place) {
    expect_unsealed(".weight()", place);
    if (weight >= 0 && std::isfinite(weight)) {
        declaration.weight = weight;
    } else {
        complain(declaration, place, fmt::format(".weight({}) has to be 0 or more", weight));
    }
}

void set_fixed_count(Declaration& declaration, std::int64_t users, const Place& place) {
    expect_unsealed(".fixed_count()", place);
    if (users >= 0) {
        declaration.fixed_count = users;
    } else {
        complain(declaration, place, fmt::format(".fixed_count({}) is negative", users));
    }
}

void set_iterations(Declaration& declaration, std::int64_t iterations, const Place& place) {
    expect_unsealed(".iterations()", place);
    if (iterations >= 1) {
        declaration.iterations = iterations;
    } else {
        complain(
            declaration, place, fmt::format(".iterations({}) has to be 1 or more", iterations));
    }
}

void set_iterations_per_user(Declaration& declaration,
                             std::int64_t iterations,
                             const Place& place) {
    expect_unsealed(".iterations_per_user()", place);
    if (iterations >= 1) {
        declaration.iterations_per_user = iterations;
    } else {
        complain(declaration,
                 place,
                 fmt::format(".iterations_per_user({}) has to be 1 or more", iterations));
    }
}

}  // namespace cicada::detail
