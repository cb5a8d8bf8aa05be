// SPDX-License-Identifier: Apache-2.0
#include "run/course_samples.hpp"

#include <algorithm>
#include <utility>

#include "base/expects.hpp"

namespace cicada::run {

using std::chrono::nanoseconds;

void CourseSamples::add(Sample sample) {
    samples_.push_back(std::move(sample));
    if (samples_.size() < kMost) return;
    std::size_t kept = 0;
    for (std::size_t index = 0; index < samples_.size(); index += 2) {
        if (kept != index) samples_[kept] = std::move(samples_[index]);
        ++kept;
    }
    samples_.resize(kept);
    period_ *= 2;
}

nanoseconds CourseSamples::next() const {
    return samples_.empty() ? nanoseconds{} : samples_.back().at / period_ * period_ + period_;
}

const CourseSamples::Sample& CourseSamples::at(nanoseconds time) const {
    const auto after = std::upper_bound(
        samples_.begin(), samples_.end(), time, [](nanoseconds wanted, const Sample& sample) {
            return wanted < sample.at;
        });
    base::expects(after != samples_.begin(), "the course of a run is known from its begin");
    return *(after - 1);
}

}  // namespace cicada::run
