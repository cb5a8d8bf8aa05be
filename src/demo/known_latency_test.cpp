// SPDX-License-Identifier: Apache-2.0
#include "demo/known_latency.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using cicada::demo::KnownLatency;
using std::chrono::microseconds;

TEST_CASE("each cycle gives out every delay once, and the percentiles are those of the cycle") {
    // Goal: the truth the page claims is the truth. Method: sort one cycle and count.
    KnownLatency latency;
    for (int cycle = 0; cycle < 3; ++cycle) {
        std::vector<microseconds> delays;
        for (std::size_t i = 0; i < KnownLatency::kCycle; ++i) delays.push_back(latency.next());
        std::sort(delays.begin(), delays.end());
        for (std::size_t rank = 0; rank < delays.size(); ++rank) {
            CHECK(delays[rank] == KnownLatency::of_rank(rank));
        }
        CHECK(KnownLatency::percentile(50) == delays[499]);
        CHECK(KnownLatency::percentile(99) == delays[989]);
        CHECK(KnownLatency::percentile(99.9) == delays[998]);
        CHECK(KnownLatency::percentile(99.99) == delays[999]);
        CHECK(KnownLatency::percentile(100) == microseconds{200'000});
    }
    CHECK(KnownLatency::of_rank(0) == microseconds{5000});
}

TEST_CASE("a stretch of a tenth of a cycle already has nearly the cycle's median") {
    // Goal: a run that ends within a cycle is not far off. Method: medians of all such stretches.
    KnownLatency latency;
    for (int stretch = 0; stretch < 50; ++stretch) {
        std::vector<microseconds> delays(100);
        for (microseconds& delay : delays) delay = latency.next();
        std::nth_element(delays.begin(), delays.begin() + 50, delays.end());
        CHECK(delays[50] > KnownLatency::percentile(45));
        CHECK(delays[50] < KnownLatency::percentile(55));
    }
}
