// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fiber/scheduler.hpp"

namespace cicada::demo {

/// What the server was asked for: how often, by method and path pattern.
class Counters {
public:
    explicit Counters(std::vector<std::string> patterns);

    void count(std::size_t pattern, std::string_view method);
    void reset();

    /// `{"total": 3, "requests": {"GET /items/[id]": 3}}`, without rows that are zero.
    [[nodiscard]] std::string json() const;

private:
    static constexpr std::array<std::string_view, 8> kMethods{
        "GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "(other)"};

    std::vector<std::string> patterns_;
    std::vector<std::array<std::uint64_t, kMethods.size()>> counts_;
};

/// The identities that requests carried in the trace header, each as often as it came.
class Identities {
public:
    void add(std::string_view identity);
    void reset();

    [[nodiscard]] const std::vector<std::string>& seen() const { return seen_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }  ///< beyond the limit

private:
    static constexpr std::size_t kSeenMax = 2'000'000;

    std::vector<std::string> seen_;
    std::uint64_t dropped_ = 0;
};

/// When each counted request came, for who wants to know whether a load is as even as it was
/// planned.
class ArrivalTimes {
public:
    void add(fiber::TimePoint now) {
        if (times_.size() < kMost) times_.push_back(now);
    }
    void reset() { times_.clear(); }

    [[nodiscard]] const std::vector<fiber::TimePoint>& times() const { return times_; }

private:
    static constexpr std::size_t kMost = 2'000'000;

    std::vector<fiber::TimePoint> times_;
};

}  // namespace cicada::demo
