// SPDX-License-Identifier: Apache-2.0
#include "user/task_ratio.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/expects.hpp"
#include "user/task_tree.hpp"

namespace cicada::user {
namespace {

using Json = nlohmann::ordered_json;

std::vector<double> shares_by_weight(const TaskGroup& group) {
    std::vector<double> shares;
    for (const Choice& choice : group.choices) {
        shares.push_back(choice.weight / static_cast<double>(group.weights));
    }
    return shares;
}

/// Where a walk of half steps, which ends as the walk itself does but cannot go in circles, comes
/// to rest.
std::vector<double> shares_by_transition(const TaskGroup& group) {
    constexpr int kMostSteps = 100'000;
    constexpr double kAtRest = 1e-12;
    std::vector<double> shares(group.choices.size(), 0.0);
    shares.front() = 1;
    double moved = 1;
    for (int step = 0; step < kMostSteps && moved > kAtRest; ++step) {
        std::vector<double> after(shares.size(), 0.0);
        for (std::size_t from = 0; from < shares.size(); ++from) {
            const std::vector<Step>& next = group.choices[from].next;
            double weights = 0;
            for (const Step& way : next) weights += way.weight;
            for (const Step& way : next) after[way.to] += shares[from] * way.weight / weights / 2;
            after[from] += shares[from] / (next.empty() ? 1 : 2);
        }
        moved = 0;
        for (std::size_t i = 0; i < shares.size(); ++i) moved += std::abs(after[i] - shares[i]);
        shares = std::move(after);
    }
    return shares;
}

/// `whole` is the part of all that the group itself is; 1 if each level is for itself.
std::vector<TaskRatio> ratios_in(const TaskGroup& group, double whole, bool of_all) {
    const bool markov = group.declaration->order == detail::TaskOrder::ByTransition;
    const std::vector<double> shares =
        markov ? shares_by_transition(group) : shares_by_weight(group);
    std::vector<TaskRatio> ratios;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const Choice& choice = group.choices[i];
        const double ratio = shares[i] * whole;
        ratios.push_back({choice.task->name, ratio, {}});
        if (choice.inside == nullptr) continue;
        ratios.back().tasks = ratios_in(*choice.inside, of_all ? ratio : 1, of_all);
    }
    return ratios;
}

Json json_of(const std::vector<TaskRatio>& ratios, bool are_classes) {
    Json json = Json::object();
    for (const TaskRatio& one : ratios) {
        json[one.name] = {{"ratio", one.ratio}};
        if (are_classes || !one.tasks.empty()) json[one.name]["tasks"] = json_of(one.tasks, false);
    }
    return json;
}

void append(std::string& text, const std::vector<TaskRatio>& ratios, std::size_t depth) {
    for (const TaskRatio& one : ratios) {
        const std::string indent(2 * depth, ' ');
        text += fmt::format(
            " {:<10} {}{}\n", fmt::format("{}{:<6.1f}", indent, one.ratio * 100), indent, one.name);
        append(text, one.tasks, depth + 1);
    }
}

}  // namespace

TaskRatios task_ratios(const std::vector<const Declaration*>& classes,
                       const std::vector<double>& users) {
    base::expects(users.size() == classes.size(), "each class has its number of users");
    double all = 0;
    for (const double count : users) all += count;
    TaskRatios ratios;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const double share = all > 0 ? users[i] / all : 0;
        const TaskGroup& tasks = *classes[i]->tasks_to_run;
        ratios.per_class.push_back({classes[i]->name, share, ratios_in(tasks, 1, false)});
        ratios.total.push_back({classes[i]->name, share, ratios_in(tasks, share, true)});
    }
    return ratios;
}

std::string table_of(const TaskRatios& ratios) {
    const std::string rule(80, '-');
    std::string text = fmt::format("\n Task ratio per User class\n{}\n", rule);
    append(text, ratios.per_class, 0);
    text += fmt::format("\n Total task ratio\n{}\n", rule);
    append(text, ratios.total, 0);
    return text;
}

std::string json_of(const TaskRatios& ratios) {
    const Json json = {{"per_class", json_of(ratios.per_class, true)},
                       {"total", json_of(ratios.total, true)}};
    return json.dump(4) + "\n";
}

}  // namespace cicada::user
