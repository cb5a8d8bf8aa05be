// SPDX-License-Identifier: Apache-2.0
#include "user/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/shown_path.hpp"
#include "user/load_plan.hpp"

namespace cicada::user {
namespace {

/// "FILE:LINE: what", in the order of their places.
std::vector<std::string> lines_of(std::vector<Complaint> found) {
    std::stable_sort(found.begin(), found.end(), [](const Complaint& a, const Complaint& b) {
        const int files = std::string_view(a.place.file_name()).compare(b.place.file_name());
        return files != 0 ? files < 0 : a.place.line() < b.place.line();
    });
    std::vector<std::string> lines;
    lines.reserve(found.size());
    for (const Complaint& complaint : found) {
        lines.push_back(fmt::format("{}: {}", base::shown(complaint.place), complaint.what));
    }
    return lines;
}

void label(Declaration& one, std::size_t& number) {
    one.on_start_label = one.name + ".on_start";
    one.on_stop_label = one.name + ".on_stop";
    one.wait_label = one.name + ".wait_time";
    one.scheduled_label = one.name + ".schedule_task";
    for (Task& task : one.tasks) {
        task.label = one.name + "." + task.name;
        task.number = number++;
    }
}

}  // namespace

Registry::Registry() = default;
Registry::~Registry() = default;

Declaration& Registry::declare(const detail::ClassInfo& user, const Place& place) {
    expect_unsealed(fmt::format("users<{}>()", user.name), place);
    declarations_.push_back(declaration_of(user, place));
    return *declarations_.back();
}

Declaration& Registry::declare_task_set(const detail::ClassInfo& task_set,
                                        detail::TaskOrder order,
                                        const Place& place) {
    expect_unsealed(fmt::format("task_set<{}>()", task_set.name), place);
    task_sets_.push_back(declaration_of(task_set, place));
    task_sets_.back()->is_task_set = true;
    task_sets_.back()->order = order;
    return *task_sets_.back();
}

std::unique_ptr<Declaration> Registry::declaration_of(const detail::ClassInfo& info,
                                                      const Place& place) const {
    auto declaration = std::make_unique<Declaration>();
    declaration->info = info;
    declaration->name = info.name;
    declaration->place = place;
    declaration->file = file_;
    return declaration;
}

ArgumentSlot& Registry::add(std::unique_ptr<ArgumentSlot> argument) {
    arguments_.push_back(std::move(argument));
    return *arguments_.back();
}

FeederSource& Registry::add(std::unique_ptr<FeederSource> feeder) {
    feeder->test_file = file_;
    feeders_.push_back(std::move(feeder));
    return *feeders_.back();
}

void Registry::complain(const Place& place, std::string_view what) {
    expect_unsealed(what, place);
    complaints_.push_back({place, std::string(what)});
}

void Registry::expect_unsealed(std::string_view what, const Place& place) const {
    if (!sealed_) return;
    throw std::logic_error(
        fmt::format("{} at {}: a test declares its users at namespace scope, before it runs",
                    what,
                    base::shown(place)));
}

void Registry::check_classes(std::vector<Complaint>& found) const {
    const auto whole = [&](const Declaration& declaration, std::string what) {
        found.push_back({declaration.place, std::move(what)});
    };
    for (auto one = declarations_.begin(); one != declarations_.end(); ++one) {
        const Declaration& declaration = **one;
        const auto same = std::find_if(declarations_.begin(), one, [&](const auto& earlier) {
            return earlier->name == declaration.name;
        });
        if (same != one) {
            whole(declaration,
                  fmt::format("there is a user class {} at {} already; give one of them a "
                              ".name(\"...\")",
                              declaration.name,
                              base::shown((*same)->place)));
        }
        check_tasks(declaration, task_sets_, found);
    }
    for (const auto& declaration : declarations_) {
        if (!declaration->arrivals || !declaration->says_wait_time) continue;
        whole(*declaration,
              fmt::format("arrivals<{}>: a wait time does nothing, the rate says when users come",
                          declaration->name));
    }
    const bool nobody_comes =
        std::none_of(declarations_.begin(), declarations_.end(), [](const auto& declaration) {
            return declaration->arrivals || declaration->weight != 0 ||
                   declaration->fixed_count > 0;
        });
    if (nobody_comes && !declarations_.empty()) {
        whole(*declarations_.front(), "the weights of all user classes are 0");
    }
}

const std::string& Registry::add_asset(std::string_view path, const Place& place) {
    expect_unsealed("asset()", place);
    std::error_code error;
    const auto folder = file_.empty() ? std::filesystem::current_path(error) : file_.parent_path();
    assets_.push_back({(folder / path).lexically_normal().string(), place});
    return assets_.back().path;
}

void Registry::check_assets(std::vector<Complaint>& found) const {
    for (const AssetDeclaration& asset : assets_) {
        std::error_code error;
        if (std::filesystem::is_regular_file(asset.path, error)) continue;
        found.push_back(
            {asset.place, fmt::format("asset {}: there is no such file", base::shown(asset.path))});
    }
}

void Registry::check_load_plans(std::vector<Complaint>& found) const {
    for (const auto& plan : load_plans_) {
        if (plan != load_plans_.front()) {
            found.push_back({plan->place,
                             fmt::format("{}: there is {} at {} already, and a test has one of "
                                         "them at most",
                                         plan->name,
                                         load_plans_.front()->name,
                                         base::shown(load_plans_.front()->place))});
        }
        for (std::size_t index = 0; index < plan->stages.size(); ++index) {
            for (const std::string& name : plan->stages[index].user_classes) {
                if (find(name) != nullptr) continue;
                found.push_back(
                    {plan->place, fmt::format("stage {}: no user class {}", index + 1, name)});
            }
        }
    }
}

void Registry::add_load_plan(LoadPlan plan) {
    load_plans_.push_back(std::make_unique<const LoadPlan>(std::move(plan)));
}

const LoadPlan* Registry::load_plan() const {
    return load_plans_.empty() ? nullptr : load_plans_.front().get();
}

void Registry::check_task_sets(std::vector<Complaint>& found) const {
    for (const auto& set : task_sets_) {
        const Declaration* const first = find_task_set(set->info, set->file, task_sets_);
        if (first != set.get()) {
            found.push_back({set->place,
                             fmt::format("the tasks of task set {} are declared at {} already",
                                         set->name,
                                         base::shown(first->place))});
        }
        check_tasks(*set, task_sets_, found);
    }
}

std::vector<std::string> Registry::check() const {
    std::vector<Complaint> found = complaints_;
    check_classes(found);
    check_thresholds(found);
    check_load_plans(found);
    check_assets(found);
    check_task_sets(found);
    return lines_of(std::move(found));
}

std::vector<std::string> Registry::warnings() const {
    std::vector<Complaint> found;
    check_oddities(declarations_, task_sets_, found);
    return lines_of(std::move(found));
}

void Registry::seal() {
    std::size_t number = 0;
    for (const auto& set : task_sets_) label(*set, number);
    for (const auto& declaration : declarations_) {
        label(*declaration, number);
        declaration->tasks_to_run =
            std::make_unique<const TaskGroup>(task_tree(*declaration, task_sets_, {}));
    }
    sealed_ = true;
}

std::vector<std::string> Registry::select_tasks(const TaskSelection& selection,
                                                const std::vector<const Declaration*>& classes) {
    std::vector<std::string> complaints;
    for (const auto& declaration : declarations_) {
        auto tree =
            std::make_unique<const TaskGroup>(task_tree(*declaration, task_sets_, selection));
        const bool will_have_users =
            std::find(classes.begin(), classes.end(), declaration.get()) != classes.end();
        if (will_have_users) {
            check_selection(selection, *declaration, *tree, complaints);
        }
        declaration->tasks_to_run = std::move(tree);
    }
    return complaints;
}

const Declaration* Registry::find(std::string_view class_name) const {
    for (const auto& declaration : declarations_) {
        if (declaration->name == class_name) return declaration.get();
    }
    return nullptr;
}

void Registry::clear() {
    file_.clear();
    declarations_.clear();
    metrics_.clear();
    thresholds_.clear();
    arguments_.clear();
    feeders_.clear();
    assets_.clear();
    load_plans_.clear();
    dry_run_.clear();
    task_sets_.clear();
    complaints_.clear();
    sealed_ = false;
}

Registry& registry() {
    static Registry the_one;
    return the_one;
}

}  // namespace cicada::user
