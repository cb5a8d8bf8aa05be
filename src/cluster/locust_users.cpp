// SPDX-License-Identifier: Apache-2.0
#include "cluster/locust_users.hpp"

#include <algorithm>
#include <utility>

namespace cicada::cluster {

LocustUsers::LocustUsers(std::vector<std::string> classes)
    : classes_(std::move(classes)), numbers_(classes_.size()) {}

void LocustUsers::begin(std::int64_t worker_index) {
    for (auto& numbers : numbers_) numbers.clear();
    next_number_ = std::max<std::int64_t>(worker_index, 0) * kNumbersPerWorker;
}

run::SpawnStep LocustUsers::step_to(const ClassCounts& wanted) {
    run::SpawnStep step;
    for (std::size_t index = 0; index < classes_.size(); ++index) {
        const auto found = wanted.find(classes_[index]);
        if (found == wanted.end()) continue;
        const auto count = static_cast<std::size_t>(std::max<std::int64_t>(found->second, 0));
        std::vector<std::int64_t>& numbers = numbers_[index];
        while (numbers.size() < count) {
            numbers.push_back(next_number_++);
            step.start.push_back({static_cast<std::uint32_t>(index), numbers.back()});
        }
        for (; numbers.size() > count; numbers.pop_back()) step.stop.push_back(numbers.back());
    }
    return step;
}

ClassCounts LocustUsers::wanted_of(const std::vector<std::int64_t>& alive) const {
    ClassCounts counts;
    for (std::size_t index = 0; index < classes_.size(); ++index) {
        const auto wanted = static_cast<std::int64_t>(numbers_[index].size());
        counts[classes_[index]] = std::min(wanted, index < alive.size() ? alive[index] : 0);
    }
    return counts;
}

std::vector<std::string> LocustUsers::unknown(const ClassCounts& wanted) const {
    std::vector<std::string> names;
    for (const auto& [name, count] : wanted) {
        const bool known = std::find(classes_.begin(), classes_.end(), name) != classes_.end();
        if (!known && count > 0) names.push_back(name);
    }
    return names;
}

}  // namespace cicada::cluster
