// SPDX-License-Identifier: Apache-2.0
#include "demo/known_latency.hpp"

#include <array>
#include <cmath>
#include <numeric>

#include "base/expects.hpp"

namespace cicada::demo {
namespace {

constexpr double kShortestUs = 5000;
constexpr double kLongestToShortest = 40;
constexpr std::uint64_t kStride = 389;  // coprime to the cycle, near its golden section

const std::array<std::int64_t, KnownLatency::kCycle>& delays_us() {
    static const auto delays = [] {
        std::array<std::int64_t, KnownLatency::kCycle> us{};
        for (std::size_t rank = 0; rank < us.size(); ++rank) {
            const double exponent = static_cast<double>(rank) / (KnownLatency::kCycle - 1);
            us.at(rank) = std::llround(kShortestUs * std::pow(kLongestToShortest, exponent));
        }
        return us;
    }();
    return delays;
}

}  // namespace

std::chrono::microseconds KnownLatency::next() {
    return of_rank(static_cast<std::size_t>(given_++ * kStride % kCycle));
}

std::chrono::microseconds KnownLatency::of_rank(std::size_t rank) {
    return std::chrono::microseconds{delays_us().at(rank)};
}

std::chrono::microseconds KnownLatency::percentile(double percent) {
    base::expects(percent > 0 && percent <= 100, "a percentile lies above 0 and up to 100");
    // 99.9 % of 1000 is 999.0000000000001 in floating point.
    const double at_least = percent * kCycle / 100 - 1e-9;
    return of_rank(static_cast<std::size_t>(std::ceil(at_least)) - 1);
}

std::chrono::microseconds KnownLatency::mean() {
    const auto& us = delays_us();
    const auto sum = std::accumulate(us.begin(), us.end(), std::int64_t{0});
    return std::chrono::microseconds{sum / static_cast<std::int64_t>(us.size())};
}

}  // namespace cicada::demo
