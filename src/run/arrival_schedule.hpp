// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/arrivals.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "user/random_stream.hpp"

namespace cicada::run {

/// When each arrival of an open model is to start: a pure function of (rate, seed, number), read
/// one number after the other.
///
/// Evenly: arrival n starts when n have been due, so 10 per second means 0 s, 0.1 s, ...; a rate of
/// 0 brings nobody. Poisson: the gaps, measured in arrivals due, are exponential with mean 1.
/// Source: k6 and wrk2 plan alike; time change of a Poisson process, e.g. Cinlar, Introduction to
///         Stochastic Processes, chapter 4.
class ArrivalSchedule {
public:
    /// Shape: as declare_arrivals() accepts. `limit`: so many arrivals; nothing: without end.
    ArrivalSchedule(const ArrivalRate& rate,
                    std::uint64_t seed,
                    std::optional<std::uint64_t> limit = {});

    /// The number of the arrival that planned() speaks of, from 0.
    [[nodiscard]] std::uint64_t number() const { return number_; }

    /// Since the test began; nothing: nobody comes any more.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> planned() const { return planned_; }

    /// To the next number.
    void advance();
    /// So many numbers further; of a Poisson process as if one by one.
    void advance(std::uint64_t count);

    /// All it takes to go on from here with the same rate and seed, wherever.
    struct Mark {
        std::uint64_t number = 0;
        double due = 0;
        std::uint64_t random_state = 0;
    };
    [[nodiscard]] Mark mark() const { return {number_, due_, random_.state()}; }
    void go_to(const Mark& mark);

    /// Per second, at that time since the test began.
    [[nodiscard]] double rate_at(std::chrono::nanoseconds time) const;

    /// Those due from the begin to `time`: of an even schedule exact to one, else the mean.
    [[nodiscard]] double due_by(std::chrono::nanoseconds time) const;

private:
    struct Piece {
        double begins_s;
        double from;
        double slope;       ///< of the rate, per second
        double due_before;  ///< arrivals until it begins
        double due_after;   ///< until it ends; infinity: it has no end
    };

    void plan();
    [[nodiscard]] const Piece& piece_at(double time_s) const;

    std::vector<Piece> pieces_;
    std::optional<std::uint64_t> limit_;
    bool poisson_;
    user::RandomStream random_;
    std::uint64_t number_ = 0;
    std::size_t piece_ = 0;  ///< planned() is in this one or a later one
    double due_ = 0;         ///< how many have been due when it starts
    std::optional<std::chrono::nanoseconds> planned_{};
};

}  // namespace cicada::run
