// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "user/holding.hpp"

// What one test has so many of, however many engines it runs on: the executions or requests of a
// limit, the rows of a unique feeder, the arrivals of an open model. Each is a ticket with a number
// from 0. Whoever has them all lends blocks of them to engines, which say what became of them.
namespace cicada::run {

enum class LeaseKind : std::uint8_t {
    Limit,     ///< `index`: of the limits that are for the whole test
    Rows,      ///< of the feeders that are declared
    Arrivals,  ///< of the classes of an open model
};

/// One thing that is lent. Means the same on each node, as all have loaded the same test.
struct LeaseKey {
    LeaseKind kind = LeaseKind::Limit;
    std::uint32_t index = 0;

    friend auto operator<=>(const LeaseKey&, const LeaseKey&) = default;
};

/// What an engine needs to know of arrivals besides their numbers.
struct ArrivalLease {
    /// When the test's time was 0, had it not been paused since. By the clock of who is told, which
    /// is base::steady_now() in one process; a cluster translates.
    base::TimePoint zero{};
    std::int64_t max_users = 0;  ///< the engine's part of .max_users from now on

    // How far the schedule is at arrival `number`, which is not after the block's first.
    std::int64_t number = 0;
    double due = 0;
    std::uint64_t random_state = 0;

    friend bool operator==(const ArrivalLease&, const ArrivalLease&) = default;
};

struct LeaseGrant {
    LeaseKey key{};
    user::TicketBlock block{};
    std::optional<ArrivalLease> arrivals{};  ///< of arrivals always, else never

    friend bool operator==(const LeaseGrant&, const LeaseGrant&) = default;
};

/// What an engine has of one thing, in the present test. A plain value.
struct LeaseAccount {
    LeaseKey key{};
    std::string name{};      ///< for people: "Shopper.checkout", "accounts.csv", "Buyer"
    std::int64_t total = 0;  ///< of the whole test, as this engine knows it
    user::Holding held{};

    friend bool operator==(const LeaseAccount&, const LeaseAccount&) = default;
};

/// Tickets that an engine has given back, and does not use any more.
struct LeaseReturn {
    LeaseKey key{};
    user::TicketBlock block{};

    friend bool operator==(const LeaseReturn&, const LeaseReturn&) = default;
};

}  // namespace cicada::run
