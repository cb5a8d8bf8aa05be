// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/class_choice.hpp"

namespace cicada::run {

/// What a user class asks for.
struct ClassShare {
    std::string name;
    double weight = 1;             ///< its part of the users that no fixed count takes
    std::int64_t fixed_count = 0;  ///< above 0: so many, before any other, and no more
};

/// A user as a plan sees it.
struct PlannedUser {
    std::uint32_t class_index = 0;  ///< into SpawnPlan::classes()
    std::int64_t number = 0;        ///< in the whole test, from 0; nobody has it a second time

    friend bool operator==(const PlannedUser&, const PlannedUser&) = default;
};

/// What happens to the users at one moment of a ramp.
struct SpawnStep {
    std::vector<PlannedUser> start{};  ///< in order
    std::vector<std::int64_t> stop{};  ///< numbers; those started last come first

    friend bool operator==(const SpawnStep&, const SpawnStep&) = default;
};

/// Which users there shall be, and in which steps they come and go.
///
/// Users stand in the order they were planned, and are numbered in it; a ramp-down takes from the
/// end. Users that ended by
/// themselves keep their place, so that they are not replaced.
///
/// Knows no clock: whoever takes the steps waits pause() between them.
/// Source: Locust, dispatch.py, UsersDispatcher, for one worker.
class SpawnPlan {
public:
    /// The classes are taken in the order of their names, as in Locust.
    explicit SpawnPlan(std::vector<ClassShare> classes);

    /// Begins a ramp from the present number of users to `users`. When only classes with fixed
    /// counts exist, it ends at their sum.
    ///
    /// Shape: `users` >= 0; `spawn_rate` finite and above 0, users per second. `only`: the classes
    ///        that are added, as indices; those that are there stay. Empty: all.
    void aim(std::int64_t users, double spawn_rate, const std::vector<std::uint32_t>& only = {});

    /// The next step of the ramp; nothing when it is complete. Each ramp has one step at least, an
    /// empty one when there is nothing to do.
    std::optional<SpawnStep> next_step();

    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] const std::vector<ClassShare>& classes() const { return classes_; }
    [[nodiscard]] std::int64_t planned() const { return static_cast<std::int64_t>(users_.size()); }
    [[nodiscard]] std::int64_t target() const { return target_; }
    [[nodiscard]] std::int64_t planned(std::size_t class_index) const;

    /// Users per step, and the pause between two steps: whole users at the given rate.
    [[nodiscard]] std::int64_t step_size() const { return step_size_; }
    [[nodiscard]] std::chrono::nanoseconds pause() const { return pause_; }

private:
    void choose_among(const std::vector<std::uint32_t>& only);
    std::optional<std::size_t> next_class();
    std::optional<std::size_t> next_fixed();
    SpawnStep step_up();
    SpawnStep step_down();

    std::vector<ClassShare> classes_;
    std::vector<std::uint32_t> only_{};  ///< see aim()
    std::vector<std::size_t> fixed_;     ///< those with a fixed count
    ClassChoice fixed_choice_{{}};       ///< among all; only fixed counts weigh
    ClassChoice weighted_choice_{{}};    ///< among all; fixed ones weigh nothing
    std::vector<std::int64_t> counts_;   ///< planned users of each class
    std::vector<PlannedUser> users_;     ///< those that are planned, in order
    std::int64_t next_number_ = 0;
    std::vector<bool> fixed_is_full_{};  ///< met while the fixed counts are refilled
    bool refill_fixed_ = true;           ///< fixed counts have to be looked at before weights
    bool refilling_fixed_ = false;
    bool complete_ = true;
    std::int64_t target_ = 0;
    std::int64_t step_size_ = 1;
    std::chrono::nanoseconds pause_{};
};

}  // namespace cicada::run
