// SPDX-License-Identifier: Apache-2.0
#include "user/task_tree.hpp"

#include <algorithm>

namespace cicada::user {
namespace {

using Sets = std::vector<std::unique_ptr<Declaration>>;
using Words = std::vector<std::string>;

bool share_one(const Words& some, const Words& others) {
    return std::find_first_of(some.begin(), some.end(), others.begin(), others.end()) != some.end();
}

bool contains(const Words& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Words joined(Words tags, const Words& more) {
    tags.insert(tags.end(), more.begin(), more.end());
    return tags;
}

/// Grows one tree.
class Grower {
public:
    Grower(const Sets& sets, const TaskSelection& selection) : sets_(sets), selection_(selection) {}

    /// `tags` are those of the sets around it. `whole`: tags have been looked at further out.
    [[nodiscard]] TaskGroup group(const Declaration& declaration,
                                  const Words& tags,
                                  bool whole) const {
        TaskGroup group{.declaration = &declaration, .choices = {}};
        const bool markov = declaration.order == detail::TaskOrder::ByTransition;
        for (const Task& task : declaration.tasks) {
            if (!markov && (task.weight == 0 || !keeps_by_name(declaration, task))) continue;
            const Words all_tags = joined(tags, task.tags);
            Choice choice{.task = &task, .weight = weight_of(task), .inside = {}, .next = {}};
            if (task.task_set) {
                choice.inside = inside(*task.task_set, declaration, all_tags, whole);
                if (choice.inside == nullptr) continue;
            } else if (!whole && !keeps(all_tags)) {
                continue;
            }
            group.weights += choice.weight;
            group.choices.push_back(std::move(choice));
        }
        if (markov) connect(group);
        return group;
    }

private:
    /// Null: nothing of it is left.
    [[nodiscard]] std::unique_ptr<const TaskGroup> inside(const detail::ClassInfo& info,
                                                          const Declaration& owner,
                                                          const Words& tags,
                                                          bool whole) const {
        const Declaration* const set = find_task_set(info, owner.file, sets_);
        if (set == nullptr) return nullptr;
        const bool markov = set->order == detail::TaskOrder::ByTransition;
        if (markov && !whole && !keeps(tags)) return nullptr;
        auto tasks = std::make_unique<const TaskGroup>(group(*set, tags, whole || markov));
        return tasks->choices.empty() ? nullptr : std::move(tasks);
    }

    [[nodiscard]] bool keeps(const Words& tags) const {
        return (selection_.tags.empty() || share_one(tags, selection_.tags)) &&
               !share_one(tags, selection_.exclude_tags);
    }

    [[nodiscard]] bool keeps_by_name(const Declaration& declaration, const Task& task) const {
        if (declaration.is_task_set) return true;
        return std::all_of(selection_.tasks_of_class.begin(),
                           selection_.tasks_of_class.end(),
                           [&](const auto& kept) {
                               return kept.first != declaration.name ||
                                      contains(kept.second, task.name);
                           });
    }

    [[nodiscard]] int weight_of(const Task& task) const {
        return selection_.equal_weights ? std::min(task.weight, 1) : task.weight;
    }

    static void connect(TaskGroup& group) {
        for (Choice& choice : group.choices) {
            for (const detail::Transition& transition : choice.task->next) {
                const Task* const to = group.declaration->find(transition.to);
                const auto place = std::find_if(
                    group.choices.begin(), group.choices.end(), [to](const Choice& other) {
                        return other.task == to;
                    });
                if (place == group.choices.end()) continue;  // a complaint of the registry
                choice.next.push_back(
                    {static_cast<std::size_t>(place - group.choices.begin()), transition.weight});
            }
        }
    }

    const Sets& sets_;
    const TaskSelection& selection_;
};

}  // namespace

TaskGroup task_tree(const Declaration& user_class,
                    const Sets& sets,
                    const TaskSelection& selection) {
    return Grower(sets, selection).group(user_class, {}, false);
}

const Declaration* find_task_set(const detail::ClassInfo& set,
                                 const std::filesystem::path& file,
                                 const Sets& sets) {
    for (const auto& declaration : sets) {
        if (*declaration->info.type == *set.type && declaration->file == file) {
            return declaration.get();
        }
    }
    return nullptr;
}

}  // namespace cicada::user

namespace cicada::detail {

Declaration::Declaration() = default;
Declaration::~Declaration() = default;

const Task* Declaration::find(std::string_view task) const {
    const auto called = [&](const std::string Task::*which) {
        return std::find_if(
            tasks.begin(), tasks.end(), [&](const Task& one) { return one.*which == task; });
    };
    auto found = called(&Task::name);
    if (found == tasks.end()) found = called(&Task::function_name);
    return found == tasks.end() ? nullptr : &*found;
}

}  // namespace cicada::detail
