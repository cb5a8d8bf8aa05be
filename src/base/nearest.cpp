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

// Of two words that are about as like, the one that begins alike was meant.
// Source: W. E. Winkler, String Comparator Metrics, 1990.
double preference(const std::string& one, const std::string& other, double alike) {
    constexpr std::size_t kMostLetters = 4;
    constexpr double kOfEach = 0.1;
    const std::size_t most = std::min({kMostLetters, one.size(), other.size()});
    std::size_t same = 0;
    while (same < most && one[same] == other[same]) ++same;
    return alike + static_cast<double>(same) * kOfEach * (1 - alike);
}

}  // namespace

std::optional<std::string> nearest(const std::string& word, const std::vector<std::string>& known) {
    std::optional<std::string> best;
    double best_here = 0;
    for (const std::string& candidate : known) {
        const double alike = likeness(word, candidate);
        if (alike < kNearEnough) continue;
        const double here = preference(word, candidate, alike);
        if (!best || here > best_here) {
            best = candidate;
            best_here = here;
        }
    }
    return best;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
    const auto near = nearest(word, known);
    return near ? "; did you mean " + *near + "?" : "";
}

}  // namespace cicada::base
