// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "run/lease.hpp"
#include "stats/record_observer.hpp"
#include "user/holding.hpp"

namespace cicada::run {

/// What an engine tells at once to whoever keeps it for the case of its death: all that is
/// recorded, and what it holds of things that are lent.
class EngineJournal : public stats::RecordObserver {
public:
    /// The present test is that of this TestBegin::lease_round; holdings are its own.
    virtual void on_lease_round(std::uint64_t round) = 0;

    /// Where the holding of `key` is kept; lives as long as this. Null: there is no room.
    virtual user::HoldingTrace* trace(LeaseKey key) = 0;
};

}  // namespace cicada::run
