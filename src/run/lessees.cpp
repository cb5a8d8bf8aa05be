// SPDX-License-Identifier: Apache-2.0
#include "run/lessees.hpp"

#include <limits>
#include <utility>

namespace cicada::run {

Lessees::Lessees(user::TicketOffice& limits, const Pools& pools, EngineJournal* journal)
    : limits_(limits.shared()), pools_(pools), journal_(journal) {
    for (std::uint32_t index = 0; index < limits_.size(); ++index) {
        limits_[index].tickets->keep_in(trace({LeaseKind::Limit, index}));
    }
    for (std::uint32_t index = 0; index < pools_.size(); ++index) {
        pools_[index]->keep_in(trace({LeaseKind::Arrivals, index}));
    }
}

user::HoldingTrace* Lessees::trace(LeaseKey key) const {
    return journal_ == nullptr ? nullptr : journal_->trace(key);
}

void Lessees::add(const Feeders& feeders) {
    feeders_ = &feeders;
    for (std::uint32_t index = 0; index < feeders.size(); ++index) {
        user::LentRowNumbers* const numbers = feeders[index]->lent();
        if (numbers != nullptr) numbers->keep_in(trace({LeaseKind::Rows, index}));
    }
}

void Lessees::begin_test() {
    feeders_ = nullptr;
    returns_.clear();
}

user::Tickets* Lessees::limit(LeaseKey key) const {
    const bool is_here = key.kind == LeaseKind::Limit && key.index < limits_.size();
    return is_here ? limits_[key.index].tickets : nullptr;
}

user::LentRowNumbers* Lessees::rows(LeaseKey key) const {
    const bool is_here =
        key.kind == LeaseKind::Rows && feeders_ != nullptr && key.index < feeders_->size();
    return is_here ? (*feeders_)[key.index]->lent() : nullptr;
}

ArrivalPool* Lessees::pool(LeaseKey key) const {
    const bool is_here = key.kind == LeaseKind::Arrivals && key.index < pools_.size();
    return is_here && pools_[key.index]->is_lent() ? pools_[key.index].get() : nullptr;
}

void Lessees::grant(const LeaseGrant& grant) {
    if (grant.block.count <= 0 || grant.block.stride <= 0) return;
    if (user::Tickets* const tickets = limit(grant.key)) tickets->grant(grant.block.count);
    if (user::LentRowNumbers* const numbers = rows(grant.key)) numbers->grant(grant.block);
    ArrivalPool* const pool = this->pool(grant.key);
    if (pool != nullptr && grant.arrivals) pool->grant(grant.block, *grant.arrivals);
}

// Arrivals are lent when they are about to be due, and stay.
void Lessees::recall(LeaseKey key, std::int64_t most) {
    if (user::Tickets* const tickets = limit(key)) {
        const std::int64_t recalled = tickets->recall(most);
        if (recalled > 0) returns_.push_back({key, {.count = recalled}});
    }
    if (user::LentRowNumbers* const numbers = rows(key)) {
        for (const user::TicketBlock& block : numbers->recall(most)) {
            returns_.push_back({key, block});
        }
    }
}

void Lessees::close(LeaseKey key) {
    if (user::Tickets* const tickets = limit(key)) tickets->close();
    if (user::LentRowNumbers* const numbers = rows(key)) numbers->close();
    if (ArrivalPool* const pool = this->pool(key)) pool->close();
}

std::vector<LeaseAccount> Lessees::accounts() const {
    std::vector<LeaseAccount> accounts;
    for (std::uint32_t index = 0; index < limits_.size(); ++index) {
        const auto& limit = limits_[index];
        accounts.push_back(
            {{LeaseKind::Limit, index}, limit.name, limit.total, limit.tickets->holding()});
    }
    for (std::uint32_t index = 0; feeders_ != nullptr && index < feeders_->size(); ++index) {
        const user::FeederSource& feeder = *(*feeders_)[index];
        if (feeder.lent() == nullptr) continue;
        accounts.push_back({{LeaseKind::Rows, index},
                            feeder.name,
                            feeder.rows_to_give(),
                            feeder.lent()->holding()});
    }
    for (std::uint32_t index = 0; index < pools_.size(); ++index) {
        const ArrivalPool& pool = *pools_[index];
        if (!pool.is_lent()) continue;
        accounts.push_back({{LeaseKind::Arrivals, index},
                            pool.declaration().name,
                            std::numeric_limits<std::int64_t>::max(),
                            pool.holding()});
    }
    return accounts;
}

std::vector<LeaseReturn> Lessees::take_returns() {
    return std::exchange(returns_, {});
}

}  // namespace cicada::run
