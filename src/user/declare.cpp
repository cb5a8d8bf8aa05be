// SPDX-License-Identifier: Apache-2.0
// The builders of users<>(): each notes what it was told, or that it makes no sense.
#include <fmt/format.h>

#include <algorithm>
#include <cicada/users.hpp>
#include <cmath>
#include <string>
#include <utility>

#include "http/url.hpp"
#include "user/registry.hpp"

namespace cicada::detail {

// Only its address is looked at: a test that is linked with us may declare tasks before this is
// initialised.
const TaskOptions no_task_options;

namespace {

void complain(const Declaration& declaration, const Place& place, const std::string& what) {
    user::registry().complain(place, fmt::format("user class {}: {}", declaration.name, what));
}

void apply(const TaskOptions& options, Task& task) {
    if (!options.name.empty()) task.name = options.name;
    task.weight = options.weight;
}

void expect_unsealed(const char* builder, const Place& place) {
    user::registry().expect_unsealed(builder, place);
}

}  // namespace

Declaration& declare_users(const ClassInfo& user, const Place& place) {
    return user::registry().declare(user, place);
}

void add_task(Declaration& owner,
              std::string_view name,
              TaskFunction run,
              const TaskOptions& options,
              const Place& place) {
    expect_unsealed(".task()", place);
    Task task;
    task.name = name;
    task.run = std::move(run);
    task.place = place;
    if (&options != &no_task_options) apply(options, task);
    if (task.weight < 0) {
        complain(
            owner, place, fmt::format("task {}: .weight = {} is negative", task.name, task.weight));
        task.weight = 0;
    }
    if (task.name.empty()) complain(owner, place, "a task has an empty name");
    const auto same = std::find_if(owner.tasks.begin(), owner.tasks.end(), [&](const Task& other) {
        return other.name == task.name;
    });
    if (same != owner.tasks.end()) {
        complain(owner,
                 place,
                 fmt::format("there is a task {} at {}:{} already; give one of them a .name",
                             task.name,
                             same->place.file_name(),
                             same->place.line()));
    }
    owner.task_weights += task.weight;
    owner.tasks.push_back(std::move(task));
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

}  // namespace cicada::detail
