// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "run/arrival_pool.hpp"
#include "run/engine_journal.hpp"
#include "run/lease.hpp"
#include "user/feeders.hpp"
#include "user/lent_rows.hpp"
#include "user/ticket_office.hpp"

namespace cicada::run {

/// Those in an engine who get tickets in blocks: the limits of the test, its unique feeders, and
/// the classes of an open model.
///
/// Threads: the engine's.
class Lessees {
public:
    using Pools = std::vector<std::unique_ptr<ArrivalPool>>;
    using Feeders = std::vector<std::unique_ptr<user::FeederSource>>;

    /// `journal`: where holdings are kept, too; null: nowhere. Outlives all.
    Lessees(user::TicketOffice& limits, const Pools& pools, EngineJournal* journal = nullptr);

    /// The feeders are not there, being opened for another test; nothing was given back.
    void begin_test();
    /// They are open, and lent.
    void add(const Feeders& feeders);

    // What is not here is ignored: another node may have loaded another test.

    void grant(const LeaseGrant& grant);
    void recall(LeaseKey key, std::int64_t most);
    void close(LeaseKey key);

    [[nodiscard]] std::vector<LeaseAccount> accounts() const;

    /// What was given back since it was last asked.
    [[nodiscard]] std::vector<LeaseReturn> take_returns();

private:
    [[nodiscard]] user::Tickets* limit(LeaseKey key) const;
    [[nodiscard]] user::LentRowNumbers* rows(LeaseKey key) const;
    [[nodiscard]] ArrivalPool* pool(LeaseKey key) const;

    [[nodiscard]] user::HoldingTrace* trace(LeaseKey key) const;

    std::vector<user::TicketOffice::Shared> limits_;
    const Pools& pools_;
    const Feeders* feeders_ = nullptr;  ///< null: none, or not open
    EngineJournal* journal_;
    std::vector<LeaseReturn> returns_;
};

}  // namespace cicada::run
