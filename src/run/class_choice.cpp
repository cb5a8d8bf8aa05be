// SPDX-License-Identifier: Apache-2.0
#include "run/class_choice.hpp"

#include <algorithm>
#include <cmath>

namespace cicada::run {

ClassChoice::ClassChoice(const std::vector<double>& weights) {
    for (std::size_t index = 0; index < weights.size(); ++index) {
        if (!(weights[index] > 0)) continue;
        Candidate candidate{index, weights[index], weights[index], 0};
        candidate.score = score_of(candidate);
        candidates_.push_back(candidate);
    }
}

double ClassChoice::score_of(const Candidate& candidate) {
    const double now = candidate.produced_and_weight;
    return candidate.weight * std::log2(now / (now + 1));
}

bool ClassChoice::comes_before(const Candidate& one, const Candidate& other) {
    if (one.score != other.score) return one.score < other.score;
    if (one.produced_and_weight != other.produced_and_weight) {
        return one.produced_and_weight < other.produced_and_weight;
    }
    return one.weight < other.weight;
}

std::optional<std::size_t> ClassChoice::next() {
    if (candidates_.empty()) return std::nullopt;
    Candidate& chosen = *std::min_element(candidates_.begin(), candidates_.end(), comes_before);
    chosen.produced_and_weight += 1;
    chosen.score = score_of(chosen);
    return chosen.index;
}

}  // namespace cicada::run
