// SPDX-License-Identifier: Apache-2.0
#include "run/spawn_plan.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/expects.hpp"

namespace cicada::run {
namespace {

// A pause longer than this is as good as for ever, and fits into nanoseconds.
constexpr double kLongestPauseSeconds = 1e9;

std::vector<ClassShare> sorted_by_name(std::vector<ClassShare> classes) {
    std::sort(classes.begin(), classes.end(), [](const ClassShare& one, const ClassShare& other) {
        return one.name < other.name;
    });
    return classes;
}

}  // namespace

SpawnPlan::SpawnPlan(std::vector<ClassShare> classes)
    : classes_(sorted_by_name(std::move(classes))), counts_(classes_.size(), 0) {
    choose_among({});
}

void SpawnPlan::choose_among(const std::vector<std::uint32_t>& only) {
    std::vector<double> fixed(classes_.size(), 0);
    std::vector<double> weighted(classes_.size(), 0);
    only_ = only;
    fixed_.clear();
    for (std::size_t index = 0; index < classes_.size(); ++index) {
        if (!only.empty() && std::find(only.begin(), only.end(), index) == only.end()) continue;
        if (classes_[index].fixed_count > 0) {
            fixed_.push_back(index);
            fixed[index] = static_cast<double>(classes_[index].fixed_count);
        } else {
            weighted[index] = classes_[index].weight;
        }
    }
    fixed_choice_ = ClassChoice(fixed);
    weighted_choice_ = ClassChoice(weighted);
    refill_fixed_ = true;
}

void SpawnPlan::aim(std::int64_t users, double spawn_rate, const std::vector<std::uint32_t>& only) {
    if (only != only_) choose_among(only);
    base::expects(users >= 0, "a target is not negative");
    base::expects(std::isfinite(spawn_rate) && spawn_rate > 0, "a spawn rate is above zero");
    target_ = users;
    const double whole_users = std::clamp(std::floor(spawn_rate), 1.0, 1e15);
    step_size_ = static_cast<std::int64_t>(whole_users);
    const double pause_seconds = std::min(whole_users / spawn_rate, kLongestPauseSeconds);
    pause_ = std::chrono::nanoseconds(static_cast<std::int64_t>(pause_seconds * 1e9));
    complete_ = false;
}

std::optional<SpawnStep> SpawnPlan::next_step() {
    if (complete_) return std::nullopt;
    SpawnStep step = target_ < planned() ? step_down() : step_up();
    if (planned() == target_) complete_ = true;
    return step;
}

SpawnStep SpawnPlan::step_up() {
    SpawnStep step;
    const std::int64_t wanted = std::min(step_size_, target_ - planned());
    while (static_cast<std::int64_t>(step.start.size()) < wanted) {
        const std::optional<std::size_t> chosen = next_class();
        if (!chosen) {
            complete_ = true;  // only fixed counts exist, and they are met
            break;
        }
        const auto index = static_cast<std::uint32_t>(*chosen);
        counts_[index] += 1;
        users_.push_back({index, next_number_++});
        step.start.push_back(users_.back());
    }
    return step;
}

SpawnStep SpawnPlan::step_down() {
    SpawnStep step;
    const std::int64_t count = std::min(step_size_, planned() - target_);
    for (std::int64_t done = 0; done < count; ++done) {
        counts_[users_.back().class_index] -= 1;
        step.stop.push_back(users_.back().number);
        users_.pop_back();
    }
    refill_fixed_ = true;
    return step;
}

std::optional<std::size_t> SpawnPlan::next_class() {
    if (const auto fixed = next_fixed()) return fixed;
    return weighted_choice_.next();
}

// As in Locust the fixed classes are asked in turn until each was met full once; the turn goes on
// where it stopped when users have been taken away and the counts are refilled.
std::optional<std::size_t> SpawnPlan::next_fixed() {
    if (refill_fixed_) {
        refill_fixed_ = false;
        refilling_fixed_ = !fixed_.empty();
        fixed_is_full_.assign(classes_.size(), false);
    }
    while (refilling_fixed_) {
        const std::size_t index = fixed_choice_.next().value();
        if (counts_[index] < classes_[index].fixed_count) return index;
        fixed_is_full_[index] = true;
        refilling_fixed_ = !std::all_of(fixed_.begin(), fixed_.end(), [this](std::size_t fixed) {
            return fixed_is_full_[fixed];
        });
    }
    return std::nullopt;
}

std::int64_t SpawnPlan::planned(std::size_t class_index) const {
    return counts_.at(class_index);
}

}  // namespace cicada::run
