// SPDX-License-Identifier: Apache-2.0
#include "run/class_choice.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

namespace cicada::run {
namespace {

struct Vector {
    std::vector<double> weights;
    std::string sequence;
};

// Recorded from Locust's kl_generator(); classes A, B, ... in this order.
const std::vector<Vector> kVectors = {
    {{5, 1}, "AABAAAAABAAAAABAAAAABAAAAABAAAAABAAAAABA"},
    {{1, 1}, "ABABABABABABABABABABABABABABABABABABABAB"},
    {{3, 1}, "ABAAABAAABAAABAAABAAABAAABAAABAAABAAABAA"},
    {{1, 2, 3}, "CBACBCCBACBCCBACBCCBACBCCBACBCCBACBCCBAC"},
    {{1, 1, 1, 1}, "ABCDABCDABCDABCDABCDABCDABCDABCDABCDABCD"},
    {{0.5, 0.25, 0.25}, "ABCAABCAABCAABCAABCAABCAABCAABCAABCAABCA"},
    {{1.5, 3.5, 5}, "CBCABCCBCABCBCCBACBCCBCABCCBCABCBCCBACBC"},
    {{10, 3, 1}, "AABAACABAAABAAAABAAACBAAABAAAABAAACBAAAB"},
    {{1, 100}, "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"},
    {{7, 5, 3, 2}, "ABCADBACBAABDACBAABCADBACBAABDACBAABCADB"},
};

TEST_CASE("the class choice repeats Locust's sequences") {
    // Goal: a mixed cluster and a comparison of reports need the same order.
    // Method: vectors recorded from Locust itself.
    for (const Vector& vector : kVectors) {
        ClassChoice choice(vector.weights);
        std::string sequence;
        for (std::size_t count = 0; count < vector.sequence.size(); ++count) {
            sequence += static_cast<char>('A' + static_cast<char>(choice.next().value()));
        }
        CHECK(sequence == vector.sequence);
    }
}

TEST_CASE("the counts stay within one user of the weights at every moment") {
    // Goal: the law behind the vectors, for weights they do not have.
    // Method: after each choice, compare every count with its exact share.
    const std::vector<double> weights = {13, 1, 2.5, 7};
    ClassChoice choice(weights);
    std::vector<double> counts(weights.size(), 0);
    for (int total = 1; total <= 10'000; ++total) {
        counts[choice.next().value()] += 1;
        for (std::size_t index = 0; index < weights.size(); ++index) {
            REQUIRE(std::abs(counts[index] - total * weights[index] / 23.5) < 1.5);
        }
    }
}

TEST_CASE("a weight of zero or less never comes") {
    // Goal: no class, and no class with a share, must not hang or divide by zero.
    CHECK_FALSE(ClassChoice({}).next().has_value());
    CHECK_FALSE(ClassChoice({0, -1}).next().has_value());
    ClassChoice choice({0, 1});
    for (int count = 0; count < 5; ++count) CHECK(choice.next() == 1);
}

}  // namespace
}  // namespace cicada::run
