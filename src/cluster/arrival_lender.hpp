// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "cluster/lease_shelf.hpp"
#include "run/arrival_schedule.hpp"
#include "run/test_classes.hpp"

namespace cicada::cluster {

/// One class of an open model, as its master plans it.
struct ArrivalPlanned {
    run::ArrivalSchedule schedule;
    std::int64_t max_users = 0;  ///< of all workers
};

/// Of all classes of an open model, in the order of their lease keys; `seed` is that of TestBegin.
[[nodiscard]] std::vector<ArrivalPlanned> arrivals_of(const run::TestClasses& classes,
                                                      std::uint64_t seed);

/// Lends the arrivals of one class some time before they are due: to each worker in turn one.
///
/// A worker that dies takes at most those of kAhead with it. Part of LeaseDesk.
class ArrivalLender {
public:
    using TimePoint = base::TimePoint;

    static constexpr std::chrono::milliseconds kAhead{2000};
    static constexpr std::chrono::milliseconds kPeriod{500};
    static constexpr std::chrono::milliseconds kFirstIn{200};  ///< until all workers know of it
    static constexpr std::int64_t kMostAtOnce = 2'000'000;     ///< arrivals in one period

    ArrivalLender(const ArrivalPlanned& plan, TimePoint begin)
        : schedule_(plan.schedule), max_users_(plan.max_users), zero_(begin + kFirstIn) {}

    /// The test's time has rested so long.
    void shift(std::chrono::nanoseconds pause) { zero_ += pause; }

    /// Lends all that is due by `now` + kAhead, and what has come back.
    void lend(LeaseShelf& shelf, std::vector<LeaseShelf::Borrower> borrowers, TimePoint now);

private:
    [[nodiscard]] run::ArrivalLease lease(std::size_t part, std::size_t parts) const;

    run::ArrivalSchedule schedule_;
    std::int64_t max_users_;
    TimePoint zero_;
    std::size_t turn_ = 0;  ///< who is first
};

}  // namespace cicada::cluster
