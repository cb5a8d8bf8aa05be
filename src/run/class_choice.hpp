// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cicada::run {

/// Endlessly names the class that comes next, so that at any moment the counts are as near to the
/// weights as whole numbers can be.
///
/// Shape:  weights above 0, of any size; the rest never come. The order of the weights breaks ties.
/// Source: Locust, dispatch.py, kl_generator(): the class whose count, when raised by one, lowers
///         the Kullback-Leibler divergence from the weights most.
class ClassChoice {
public:
    explicit ClassChoice(const std::vector<double>& weights);

    /// An index into the weights; nothing when no weight is above 0.
    std::optional<std::size_t> next();

private:
    struct Candidate {
        std::size_t index;
        double weight;
        double produced_and_weight;  ///< how often it came, plus its weight
        double score;                ///< the smallest comes next
    };
    static double score_of(const Candidate& candidate);
    static bool comes_before(const Candidate& one, const Candidate& other);

    std::vector<Candidate> candidates_;
};

}  // namespace cicada::run
