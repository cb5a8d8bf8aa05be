// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "run/lease.hpp"
#include "user/ticket_office.hpp"

namespace cicada::run {

/// Those in an engine who get tickets in blocks: the limits of the test.
///
/// Threads: the engine's.
class Lessees {
public:
    explicit Lessees(user::TicketOffice& limits) : limits_(limits.shared()) {}

    // What is not here is ignored: another node may have loaded another test.

    void grant(const LeaseGrant& grant);
    void recall(LeaseKey key, std::int64_t most);
    void close(LeaseKey key);

    [[nodiscard]] std::vector<LeaseAccount> accounts() const;

    /// What was given back since it was last asked.
    [[nodiscard]] std::vector<LeaseReturn> take_returns();

private:
    [[nodiscard]] user::Tickets* limit(LeaseKey key) const;

    std::vector<user::TicketOffice::Shared> limits_;
    std::vector<LeaseReturn> returns_;
};

}  // namespace cicada::run
