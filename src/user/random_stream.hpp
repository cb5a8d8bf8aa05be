// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace cicada::user {

/// A stream of random numbers: SplitMix64, seeded from three numbers.
///
/// Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
class RandomStream {
public:
    RandomStream() = default;

    /// That of one turn of a user, a choice of a task and what comes of it: the same three give the
    /// same numbers, in any process.
    RandomStream(std::uint64_t seed, std::uint64_t user_number, std::uint64_t turn)
        : state_(mixed(mixed(mixed(seed) + user_number) + turn)) {}

    /// One that goes on where another had this state().
    static RandomStream continued(std::uint64_t state) {
        RandomStream stream;
        stream.state_ = state;
        return stream;
    }
    [[nodiscard]] std::uint64_t state() const { return state_; }

    std::uint64_t next() {
        state_ += kStep;
        return scrambled(state_);
    }

    /// Uniform from 0 to `count` - 1; `count` above 0. Without bias (Lemire's rejection).
    std::uint64_t below(std::uint64_t count);

    /// Uniform from 0 up to, but not including, 1.
    double fraction() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

private:
    static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ULL;

    static constexpr std::uint64_t scrambled(std::uint64_t value) {
        value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
        return value ^ (value >> 31U);
    }
    static constexpr std::uint64_t mixed(std::uint64_t value) { return scrambled(value + kStep); }

    std::uint64_t state_ = 0;
};

/// What random_int() and the like draw from outside of users; the run seeds it.
RandomStream& run_random();

}  // namespace cicada::user
