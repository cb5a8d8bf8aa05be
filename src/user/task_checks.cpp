// SPDX-License-Identifier: Apache-2.0
#include "user/task_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/nearest.hpp"

namespace cicada::user {
namespace {

using Sets = std::vector<std::unique_ptr<Declaration>>;

bool is_markov(const Declaration& declaration) {
    return declaration.order == detail::TaskOrder::ByTransition;
}

std::vector<std::string> names_of(const Declaration& declaration) {
    std::vector<std::string> names;
    for (const Task& task : declaration.tasks) names.push_back(task.name);
    return names;
}

/// What is wrong with one declaration.
class Check {
public:
    Check(const Declaration& declaration, const Sets& sets, std::vector<Complaint>& found)
        : declaration_(declaration), sets_(sets), found_(found) {}

    void run() const {
        if (declaration_.tasks.empty()) {
            complain(declaration_.place,
                     fmt::format("it has no tasks: .task<&{}::...>()", declaration_.info.name));
        } else if (!is_markov(declaration_) &&
                   std::all_of(declaration_.tasks.begin(),
                               declaration_.tasks.end(),
                               [](const Task& task) { return task.weight == 0; })) {
            complain(declaration_.place, "the weights of all its tasks are 0");
        }
        for (const Task& task : declaration_.tasks) {
            if (task.task_set) check_set(task);
            if (is_markov(declaration_)) check_transitions(task);
        }
    }

private:
    void complain(const detail::Place& place, const std::string& what) const {
        found_.push_back({place, fmt::format("{}: {}", described(declaration_), what)});
    }

    void check_set(const Task& task) const {
        const Declaration* const set = find_task_set(*task.task_set, declaration_.file, sets_);
        if (set == nullptr) {
            complain(task.place,
                     fmt::format("nothing says what is done in task set {0}: static const auto x = "
                                 "task_set<{0}>().task<&{0}::...>();",
                                 task.task_set->name));
        } else if (contains(*set, declaration_, {})) {
            complain(task.place, fmt::format("task set {} contains itself", set->name));
        }
    }

    /// Whether `wanted` is `set` or inside of it; `around` are those it was reached through.
    [[nodiscard]] bool contains(const Declaration& set,
                                const Declaration& wanted,
                                std::set<const Declaration*> around) const {
        if (&set == &wanted) return true;
        if (!around.insert(&set).second) return false;
        return std::any_of(set.tasks.begin(), set.tasks.end(), [&](const Task& task) {
            if (!task.task_set) return false;
            const Declaration* const inner = find_task_set(*task.task_set, set.file, sets_);
            return inner != nullptr && contains(*inner, wanted, around);
        });
    }

    void check_transitions(const Task& task) const {
        if (task.next.empty()) {
            complain(task.place,
                     fmt::format("task {0} leads nowhere: say .next<&{1}::...>() after it",
                                 task.name,
                                 declaration_.info.name));
        }
        if (!task.tags.empty()) {
            complain(task.place,
                     fmt::format("task {}: a task in a MarkovTaskSet cannot have .tags, since a "
                                 "transition may lead to it; the set can",
                                 task.name));
        }
        for (const detail::Transition& transition : task.next) {
            if (declaration_.find(transition.to) != nullptr) continue;
            complain(transition.place,
                     fmt::format("task {}: .next leads to {}, which is none of its tasks{}",
                                 task.name,
                                 transition.to,
                                 base::did_you_mean(transition.to, names_of(declaration_))));
        }
    }

    const Declaration& declaration_;
    const Sets& sets_;
    std::vector<Complaint>& found_;
};

void warn_of_unreached(const Declaration& set, std::vector<Complaint>& found) {
    if (set.tasks.empty()) return;
    std::set<const Task*> reached;
    std::vector<const Task*> waiting{&set.tasks.front()};
    while (!waiting.empty()) {
        const Task* const task = waiting.back();
        waiting.pop_back();
        if (task == nullptr || !reached.insert(task).second) continue;
        for (const detail::Transition& way : task->next) waiting.push_back(set.find(way.to));
    }
    for (const Task& task : set.tasks) {
        if (reached.contains(&task)) continue;
        found.push_back({task.place,
                         fmt::format("{}: task {} is never run: no transition leads to it",
                                     described(set),
                                     task.name)});
    }
}

}  // namespace

std::string described(const Declaration& declaration) {
    return (declaration.is_task_set ? "task set " : "user class ") + declaration.name;
}

void check_tasks(const Declaration& declaration, const Sets& sets, std::vector<Complaint>& found) {
    Check(declaration, sets, found).run();
}

void check_oddities(const Sets& classes, const Sets& sets, std::vector<Complaint>& found) {
    std::set<const Declaration*> used;
    for (const Sets* const some : {&classes, &sets}) {
        for (const auto& declaration : *some) {
            for (const Task& task : declaration->tasks) {
                if (!task.task_set) continue;
                used.insert(find_task_set(*task.task_set, declaration->file, sets));
            }
        }
    }
    for (const auto& set : sets) {
        if (!used.contains(set.get())) {
            found.push_back({set->place,
                             fmt::format("{0} is never entered: say .task_set<{0}>() where "
                                         "its parent is declared",
                                         set->name)});
        }
        if (is_markov(*set)) warn_of_unreached(*set, found);
    }
}

void check_selection(const TaskSelection& selection,
                     const Declaration& user_class,
                     const TaskGroup& left,
                     std::vector<std::string>& complaints) {
    const std::vector<std::string> names = names_of(user_class);
    for (const auto& [name, kept] : selection.tasks_of_class) {
        if (name != user_class.name) continue;
        for (const std::string& task : kept) {
            if (std::find(names.begin(), names.end(), task) != names.end()) continue;
            complaints.push_back(fmt::format(
                "user class {} has no task {}{}", name, task, base::did_you_mean(task, names)));
        }
    }
    if (!left.choices.empty()) return;
    std::string by;
    if (!selection.tags.empty()) by += fmt::format(" --tags {}", fmt::join(selection.tags, " "));
    if (!selection.exclude_tags.empty()) {
        by += fmt::format(" --exclude-tags {}", fmt::join(selection.exclude_tags, " "));
    }
    complaints.push_back(fmt::format(
        "user class {} has no task left{}{}", user_class.name, by.empty() ? "" : " with", by));
}

}  // namespace cicada::user
