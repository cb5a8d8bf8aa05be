// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/messages.hpp"
#include "run/spawn_plan.hpp"

namespace cicada::cluster {

/// The users a Locust master wants of a worker. It tells how many of each class there shall be;
/// who they are, and who goes when there are too many, is the worker's to say.
///
/// Users that ended by themselves keep their place, so that they are not replaced.
class LocustUsers {
public:
    /// Users of one worker have numbers of their own: its index times this is the first.
    static constexpr std::int64_t kNumbersPerWorker = 10'000'000;

    /// `classes`: names, in the engine's order.
    explicit LocustUsers(std::vector<std::string> classes);

    /// A test begins, with nobody.
    void begin(std::int64_t worker_index);

    /// What has to happen so that there are so many of each. A class that is not named keeps its
    /// users; of a name that is no class nobody comes. Those started last are stopped first.
    [[nodiscard]] run::SpawnStep step_to(const ClassCounts& wanted);

    /// Of these users, those that are wanted; the rest are on their way out.
    [[nodiscard]] ClassCounts wanted_of(const std::vector<std::int64_t>& alive) const;

    /// The names in `wanted` of which users are wanted, and which are no class.
    [[nodiscard]] std::vector<std::string> unknown(const ClassCounts& wanted) const;

private:
    std::vector<std::string> classes_;
    std::vector<std::vector<std::int64_t>> numbers_;  ///< of each class, in the order they came
    std::int64_t next_number_ = 0;
};

}  // namespace cicada::cluster
