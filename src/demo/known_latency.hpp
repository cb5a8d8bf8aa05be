// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cicada::demo {

/// Delays whose distribution is known exactly, to check a load tester's figures against.
///
/// A cycle has 1,000 delays: rank r (0 to 999) lasts 5 ms * 40^(r/999), so 5 ms to 200 ms, in whole
/// microseconds. They are given out in the order r = 389 k mod 1000, which spreads every stretch of
/// a cycle over all ranks. After any number of whole cycles each delay was given out equally often.
class KnownLatency {
public:
    static constexpr std::size_t kCycle = 1000;

    /// The next delay.
    std::chrono::microseconds next();

    [[nodiscard]] std::uint64_t given() const { return given_; }
    void restart() { given_ = 0; }

    /// Shape: rank 0 to 999.
    [[nodiscard]] static std::chrono::microseconds of_rank(std::size_t rank);

    /// The smallest delay that at least `percent` of a cycle do not exceed. Shape: above 0 to 100.
    [[nodiscard]] static std::chrono::microseconds percentile(double percent);

    [[nodiscard]] static std::chrono::microseconds mean();

private:
    std::uint64_t given_ = 0;
};

}  // namespace cicada::demo
