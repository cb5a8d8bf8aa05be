// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.hpp"

#include <algorithm>
#include <cstddef>

namespace cicada::base {
namespace {

constexpr double kNearEnough = 0.6;

std::size_t common_subsequence(const std::string& one, const std::string& other) {
    std::vector<std::size_t> row(other.size() + 1, 0);
    for (const char character : one) {
        std::size_t diagonal = 0;
        for (std::size_t column = 1; column <= other.size(); ++column) {
            const std::size_t above = row[column];
            row[column] =
                character == other[column - 1] ? diagonal + 1 : std::max(above, row[column - 1]);
            diagonal = above;
        }
    }
    return row.back();
}

double likeness(const std::string& one, const std::string& other) {
    const auto common = static_cast<double>(common_subsequence(one, other));
    return 2 * common / static_cast<double>(one.size() + other.size());
}

}  // namespace

std::optional<std::string> nearest(const std::string& word, const std::vector<std::string>& known) {
    std::optional<std::string> best;
    double best_likeness = kNearEnough;
    for (const std::string& candidate : known) {
        const double here = likeness(word, candidate);
        if (here > best_likeness || (!best && here == best_likeness)) {
            best = candidate;
            best_likeness = here;
        }
    }
    return best;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
    const auto near = nearest(word, known);
    return near ? "; did you mean " + *near + "?" : "";
}

}  // namespace cicada::base
