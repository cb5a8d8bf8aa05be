// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/arrivals.hpp>
#include <cstdint>
#include <optional>

namespace cicada::user {

/// What arrivals<>() said of a class, beyond what can be said of any.
struct ArrivalPlan {
    static constexpr double kHighestRate = 1'000'000;  ///< per second
    static constexpr std::int64_t kMaxUsers = 10'000;  ///< if nothing else is said

    ArrivalRate rate{};
    std::int64_t max_users = kMaxUsers;
    WhenFull when_full = WhenFull::Delay;
    std::optional<std::int64_t> limit{};  ///< arrivals in the whole test
    bool fresh = false;                   ///< a new user for each
};

}  // namespace cicada::user
