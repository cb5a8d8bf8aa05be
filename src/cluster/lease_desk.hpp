// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "cluster/arrival_lender.hpp"
#include "cluster/lease_shelf.hpp"
#include "run/engine_link.hpp"
#include "run/engine_report.hpp"
#include "run/lease.hpp"

namespace cicada::cluster {

struct LeaseDeskOptions {
    /// Tickets of a worker that is lost without last words are lent again after so long: then more
    /// than there are may be spent. Nothing: never.
    std::optional<std::chrono::nanoseconds> reclaim_after{};

    /// Classes of an open model, in the order of their lease keys.
    std::vector<ArrivalPlanned> arrivals{};
};

/// Lends what a test has so many of to the engines that take part in it: each ticket to one of
/// them. In blocks, so that nobody has to wait for one; what is not used where it is goes to where
/// it is needed.
///
/// Whoever holds tickets is called a holder: a worker by its incarnation, the master's own engine,
/// which has no users, by 0. Always: used + held <= total, for each holder that lives; what a dead
/// one held is uncertain until its last words are known.
/// Pure: what it wants done goes to the run::EngineLink of the holder, which must deliver each call
/// once and in order.
class LeaseDesk {
public:
    using Holder = std::uint64_t;
    using TimePoint = base::TimePoint;

    static constexpr Holder kOwnEngine = 0;

    /// So long the last words of a lost holder, or its return, are waited for before the rest is
    /// all there is.
    static constexpr std::chrono::seconds kLastWords{60};

    explicit LeaseDesk(LeaseDeskOptions options = {}) : options_(std::move(options)) {}
    LeaseDesk(const LeaseDesk&) = delete;
    LeaseDesk& operator=(const LeaseDesk&) = delete;

    /// All is whole again; nobody holds anything. `round`: as in TestBegin, another one each time.
    void begin_test(std::uint64_t round);
    /// From now on arrivals are due. The listeners of test_start have returned.
    void begin_arrivals(TimePoint now);
    void pause(TimePoint now);
    void resume(TimePoint now);

    /// It takes part in the test, and was told so; it gets its first blocks when its first report
    /// of this round has come. `link` lives until lose(), settle() or the next begin_test().
    void add(Holder holder, run::EngineLink& link);

    /// Each report of each holder, once and in order: accounts, and what was given back.
    void on_report(Holder holder, const run::EngineReport& report, TimePoint now);

    enum class LastWords : std::uint8_t { None, Awaited };
    /// It is dead or cannot be reached: what it holds is uncertain from now on.
    void lose(Holder holder, LastWords words, TimePoint now);
    /// It lives, and nothing of it was lost.
    void find_again(Holder holder, run::EngineLink& link, TimePoint now);
    /// It is gone for good, and its accounts say what it has used: `last_words` of its journal, or
    /// those of its last report. What it had left goes to the others.
    void settle(Holder holder, const std::vector<run::LeaseAccount>& last_words, TimePoint now);
    void settle(Holder holder, TimePoint now) { settle(holder, {}, now); }

    void on_time(TimePoint now);
    [[nodiscard]] TimePoint next_deadline() const;  ///< of on_time()

    /// What nobody knows of one thing: whether the lost have used it.
    struct Uncertain {
        std::int64_t fewer = 0;  ///< so many of those not reported may have been used
        std::int64_t more = 0;   ///< beyond the total: lent again, and perhaps used twice
    };
    [[nodiscard]] Uncertain uncertain(run::LeaseKey key) const;

    /// Writes what is uncertain into the sum of all reports: LimitProgress, ArrivalProgress.
    void add_uncertain(run::EngineReport& merged) const;

    /// Nodes do not agree on how many there are, e.g. of the rows of a file; a sentence. Empty:
    /// they do.
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

private:
    struct Party {
        run::EngineLink* link = nullptr;  ///< null: lost
        bool is_up = false;               ///< it has reported in this round
        bool is_settled = false;
        bool is_reclaimed = false;
        bool words_awaited = false;
        TimePoint lost_at{};
    };

    [[nodiscard]] LeaseShelf& shelf(const run::LeaseAccount& account);
    [[nodiscard]] bool may_come_back(const Party& party, TimePoint now) const;
    [[nodiscard]] std::vector<LeaseShelf::Borrower> borrowers() const;
    [[nodiscard]] std::size_t expected() const;
    void serve_all(TimePoint now);

    LeaseDeskOptions options_;
    std::uint64_t round_ = 0;
    std::map<Holder, Party> parties_{};
    std::map<run::LeaseKey, LeaseShelf> shelves_{};
    std::map<run::LeaseKey, ArrivalLender> lenders_{};
    std::optional<TimePoint> paused_since_{};
    TimePoint next_arrivals_at_ = TimePoint::max();
    std::string complaint_{};
};

}  // namespace cicada::cluster
