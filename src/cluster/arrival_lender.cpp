// SPDX-License-Identifier: Apache-2.0
#include "cluster/arrival_lender.hpp"

#include <algorithm>

#include "run/arrival_pool.hpp"

namespace cicada::cluster {

using Borrower = LeaseShelf::Borrower;

std::vector<ArrivalPlanned> arrivals_of(const run::TestClasses& classes, std::uint64_t seed) {
    std::vector<ArrivalPlanned> arrivals;
    for (const user::Declaration* const one : classes.pooled) {
        arrivals.push_back(
            {run::ArrivalPool::schedule(*one, seed, arrivals.size()), one->arrivals->max_users});
    }
    return arrivals;
}

run::ArrivalLease ArrivalLender::lease(std::size_t part, std::size_t parts) const {
    const auto count = static_cast<std::int64_t>(parts);
    const bool gets_one_more = static_cast<std::int64_t>(part) < max_users_ % count;
    run::ArrivalLease lease{.zero = zero_,
                            .max_users = max_users_ / count + (gets_one_more ? 1 : 0)};
    const run::ArrivalSchedule::Mark mark = schedule_.mark();
    lease.number = static_cast<std::int64_t>(mark.number);
    lease.due = mark.due;
    lease.random_state = mark.random_state;
    return lease;
}

void ArrivalLender::lend(LeaseShelf& shelf, std::vector<Borrower> borrowers, TimePoint now) {
    std::erase_if(borrowers, [&shelf](const Borrower& one) {
        return one.only_on_demand || !shelf.knows(one.holder);
    });
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(max_users_, 1));
    if (borrowers.size() > most) borrowers.resize(most);
    if (borrowers.empty() || shelf.closed()) return;
    const std::size_t parts = borrowers.size();
    while (auto piece = shelf.take_free()) {
        const std::size_t part = turn_++ % parts;
        const run::ArrivalLease present = lease(part, parts);
        piece->arrivals->zero = present.zero;
        piece->arrivals->max_users = present.max_users;
        shelf.lend(borrowers[part], *piece);
    }
    std::vector<run::ArrivalLease> leases;
    for (std::size_t part = 0; part < parts; ++part) leases.push_back(lease(part, parts));
    const auto first = static_cast<std::int64_t>(schedule_.number());
    const std::chrono::nanoseconds horizon = now + kAhead - zero_;
    std::int64_t count = 0;
    for (; count < kMostAtOnce; ++count, schedule_.advance()) {
        if (!schedule_.planned() || *schedule_.planned() >= horizon) break;
    }
    const auto stride = static_cast<std::int64_t>(parts);
    for (std::int64_t offset = 0; offset < std::min(stride, count); ++offset) {
        const std::size_t part = (turn_ + static_cast<std::size_t>(offset)) % parts;
        const std::int64_t mine = (count - offset + stride - 1) / stride;
        shelf.lend(borrowers[part], {{first + offset, mine, stride}, leases[part]});
    }
    turn_ += static_cast<std::size_t>(count);
    if (!schedule_.planned()) shelf.end_plan();
}

}  // namespace cicada::cluster
