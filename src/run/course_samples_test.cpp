// SPDX-License-Identifier: Apache-2.0
#include "run/course_samples.hpp"

#include <doctest/doctest.h>

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a course of any length is kept in bounded memory, from its begin") {
    // Goal: never more than kMost samples, evenly spread, and what is asked for is at most a
    //   period old. Method: 100 h, sampled whenever it is due; a law over many times.
    CourseSamples samples;
    std::size_t added = 0;
    while (samples.next() <= 100h) {
        samples.add({.at = samples.next(), .answers = ++added});
    }
    CHECK(samples.at(0ns).at == 0ns);
    CHECK(samples.period() <= std::chrono::nanoseconds(100h) / (CourseSamples::kMost / 2) * 2);
    CHECK(added < 20 * CourseSamples::kMost);
    for (std::chrono::nanoseconds at{}; at <= 100h; at += 997s) {
        const auto& sample = samples.at(at);
        CHECK(sample.at <= at);
        CHECK(at - sample.at < samples.period());
    }
    samples.add({.at = 101h});
    CHECK(samples.last().at == 101h);
}

}  // namespace
}  // namespace cicada::run
