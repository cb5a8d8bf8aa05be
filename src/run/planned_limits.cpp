// SPDX-License-Identifier: Apache-2.0
#include "run/planned_limits.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "user/task_tree.hpp"

namespace cicada::run {
namespace {

using user::LimitKind;

/// An arrival is one execution of a task: in a task set it would be any number.
bool has_plain_tasks(const user::Declaration& declaration) {
    const auto& choices = declaration.tasks_to_run->choices;
    return std::all_of(choices.begin(), choices.end(), [](const user::Choice& choice) {
        return choice.inside == nullptr;
    });
}

class Reading {
public:
    explicit Reading(const TestClasses& classes) : classes_(classes) {}

    void read_whole_test(std::int64_t iterations) {
        const auto& pooled = classes_.pooled;
        std::vector<std::size_t> all(pooled.size());
        std::iota(all.begin(), all.end(), 0U);
        const bool planned = classes_.planned.empty() &&
                             std::all_of(pooled.begin(), pooled.end(), [](const auto* one) {
                                 return has_plain_tasks(*one);
                             });
        if (!planned) all.clear();
        add("all tasks", LimitKind::Iterations, iterations, std::move(all));
    }

    void read(const user::Declaration& one) {
        if (one.iterations) add(one.name, LimitKind::Iterations, *one.iterations);
        if (one.iterations_per_user) {
            add(one.name, LimitKind::IterationsPerUser, *one.iterations_per_user);
        }
        read(*one.tasks_to_run, {});
    }

    void read_pool(std::size_t pool) {
        const user::Declaration& one = *classes_.pooled[pool];
        if (one.arrivals->limit) {
            add(one.name, LimitKind::Iterations, *one.arrivals->limit, {pool});
        }
        const bool one_task = one.tasks_to_run->choices.size() == 1 && has_plain_tasks(one);
        read(*one.tasks_to_run, one_task ? std::vector{pool} : std::vector<std::size_t>{});
    }

    std::vector<PlannedLimit> limits{};

private:
    void add(const std::string& name,
             LimitKind kind,
             std::int64_t total,
             std::vector<std::size_t> pools = {}) {
        limits.push_back({name, kind, total, std::move(pools)});
    }

    /// `pools`: each arrival there is an execution of the group's one task.
    void read(const user::TaskGroup& group, const std::vector<std::size_t>& pools) {
        for (const user::Choice& choice : group.choices) {
            const user::Task& task = *choice.task;
            const bool is_new = seen_.insert(&task).second;  // a task set may be used twice
            if (is_new && task.limit) add(task.label, LimitKind::Executions, *task.limit, pools);
            if (is_new && task.request_limit) {
                add(task.label, LimitKind::Requests, *task.request_limit);
            }
            if (is_new && task.limit_per_user) {
                add(task.label, LimitKind::ExecutionsPerUser, *task.limit_per_user);
            }
            if (choice.inside != nullptr) read(*choice.inside, {});
        }
    }

    const TestClasses& classes_;
    std::set<const user::Task*> seen_{};
};

}  // namespace

std::vector<PlannedLimit> planned_limits(const TestClasses& classes,
                                         std::optional<std::int64_t> iterations) {
    Reading reading(classes);
    if (iterations) reading.read_whole_test(*iterations);
    for (const user::Declaration* const one : classes.planned) reading.read(*one);
    for (std::size_t pool = 0; pool < classes.pooled.size(); ++pool) reading.read_pool(pool);
    return std::move(reading.limits);
}

}  // namespace cicada::run
