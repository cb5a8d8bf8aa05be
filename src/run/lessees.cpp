// SPDX-License-Identifier: Apache-2.0
#include "run/lessees.hpp"

#include <utility>

namespace cicada::run {

user::Tickets* Lessees::limit(LeaseKey key) const {
    const bool is_here = key.kind == LeaseKind::Limit && key.index < limits_.size();
    return is_here ? limits_[key.index].tickets : nullptr;
}

void Lessees::grant(const LeaseGrant& grant) {
    if (user::Tickets* const tickets = limit(grant.key)) tickets->grant(grant.block.count);
}

void Lessees::recall(LeaseKey key, std::int64_t most) {
    user::Tickets* const tickets = limit(key);
    if (tickets == nullptr) return;
    const std::int64_t recalled = tickets->recall(most);
    if (recalled > 0) returns_.push_back({key, {.count = recalled}});
}

void Lessees::close(LeaseKey key) {
    if (user::Tickets* const tickets = limit(key)) tickets->close();
}

std::vector<LeaseAccount> Lessees::accounts() const {
    std::vector<LeaseAccount> accounts;
    for (std::uint32_t index = 0; index < limits_.size(); ++index) {
        const auto& limit = limits_[index];
        accounts.push_back(
            {{LeaseKind::Limit, index}, limit.name, limit.total, limit.tickets->holding()});
    }
    return accounts;
}

std::vector<LeaseReturn> Lessees::take_returns() {
    return std::exchange(returns_, {});
}

}  // namespace cicada::run
