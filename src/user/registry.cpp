// SPDX-License-Identifier: Apache-2.0
#include "user/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "user/load_plan.hpp"

namespace cicada::user {
namespace {

std::string text_of(const Place& place) {
    return fmt::format("{}:{}", place.file_name(), place.line());
}

bool has_wait_time(const Declaration& declaration) {
    return declaration.wait_function || declaration.wait_time.longest > Duration{} ||
           declaration.wait_time.shortest > Duration{};
}

}  // namespace

Registry::Registry() = default;
Registry::~Registry() = default;

Declaration& Registry::declare(const detail::ClassInfo& user, const Place& place) {
    expect_unsealed(fmt::format("users<{}>()", user.name), place);
    auto declaration = std::make_unique<Declaration>();
    declaration->info = user;
    declaration->name = user.name;
    declaration->place = place;
    declaration->file = file_;
    declarations_.push_back(std::move(declaration));
    return *declarations_.back();
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
                    text_of(place)));
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
                              text_of((*same)->place)));
        }
        if (declaration.tasks.empty()) {
            whole(declaration,
                  fmt::format("user class {0} has no tasks: .task<&{0}::...>()", declaration.name));
        } else if (declaration.task_weights == 0) {
            whole(
                declaration,
                fmt::format("user class {}: the weights of all its tasks are 0", declaration.name));
        }
    }
    for (const auto& declaration : declarations_) {
        if (!declaration->arrivals || !has_wait_time(*declaration)) continue;
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

void Registry::check_load_plans(std::vector<Complaint>& found) const {
    for (const auto& plan : load_plans_) {
        if (plan != load_plans_.front()) {
            found.push_back({plan->place,
                             fmt::format("{}: there is {} at {} already, and a test has one of "
                                         "them at most",
                                         plan->name,
                                         load_plans_.front()->name,
                                         text_of(load_plans_.front()->place))});
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

std::vector<std::string> Registry::check() const {
    std::vector<Complaint> found = complaints_;
    check_classes(found);
    check_thresholds(found);
    check_load_plans(found);
    std::stable_sort(found.begin(), found.end(), [](const Complaint& a, const Complaint& b) {
        const int files = std::string_view(a.place.file_name()).compare(b.place.file_name());
        return files != 0 ? files < 0 : a.place.line() < b.place.line();
    });
    std::vector<std::string> lines;
    lines.reserve(found.size());
    for (const Complaint& complaint : found) {
        lines.push_back(fmt::format("{}: {}", text_of(complaint.place), complaint.what));
    }
    return lines;
}

void Registry::seal() {
    for (const auto& declaration : declarations_) {
        Declaration& one = *declaration;
        one.on_start_label = one.name + ".on_start";
        one.on_stop_label = one.name + ".on_stop";
        one.wait_label = one.name + ".wait_time";
        for (Task& task : one.tasks) task.label = one.name + "." + task.name;
    }
    sealed_ = true;
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
    load_plans_.clear();
    complaints_.clear();
    sealed_ = false;
}

Registry& registry() {
    static Registry the_one;
    return the_one;
}

}  // namespace cicada::user
