// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "run/engine_link.hpp"
#include "run/lease.hpp"

namespace cicada::cluster {

/// Who has which tickets of one thing: those that were never lent, those that came back, and what
/// each holder was lent. Part of LeaseDesk.
class LeaseShelf {
public:
    using Holder = std::uint64_t;
    using TimePoint = base::TimePoint;

    /// Tickets of a first block at most; later ones are as large as the holder is fast.
    static constexpr std::int64_t kFirstBlock = 1000;
    static constexpr std::int64_t kLeastBlock = 16;
    static constexpr std::int64_t kMostBlock = 1'000'000;
    static constexpr std::chrono::seconds kFast{1};  ///< who asks again so soon gets twice as many
    static constexpr std::chrono::seconds kSlow{8};  ///< so late: half

    /// Somebody who may be lent something now.
    struct Borrower {
        Holder holder = 0;
        run::EngineLink* link = nullptr;
        bool only_on_demand = false;  ///< no first block
    };

    /// Tickets, and for arrivals how their times are found.
    struct Piece {
        user::TicketBlock block{};
        std::optional<run::ArrivalLease> arrivals{};
    };

    /// Shape: `total` 0 or more; of arrivals 0, as nobody knows how many there will be.
    LeaseShelf(run::LeaseKey key, std::string name, std::int64_t total)
        : key_(key),
          name_(std::move(name)),
          total_(total),
          plan_has_ended_(key.kind != run::LeaseKind::Arrivals) {}

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::int64_t total() const { return total_; }

    /// False: nothing has changed that somebody could be served for.
    bool on_report(Holder holder,
                   const run::LeaseAccount& account,
                   const std::vector<run::LeaseReturn>& returns);

    /// Gives everybody who needs something what there is, and calls back from those who have too
    /// much. `expected`: borrowers there will be, for the size of blocks; `may_come_back`: somebody
    /// who is lost holds tickets that may yet be had.
    void serve(const std::vector<Borrower>& borrowers,
               std::size_t expected,
               bool may_come_back,
               TimePoint now);

    // For arrivals, which are lent when they are due and not when somebody needs one.

    /// The first piece that came back, if any; to be lent again.
    std::optional<Piece> take_free();
    void lend(const Borrower& borrower, const Piece& piece);
    void end_plan() { plan_has_ended_ = true; }

    /// There will be no more, for nobody, once all is used. Again for those who come later.
    void close_if_spent(const std::vector<Borrower>& borrowers, bool may_come_back);

    /// What a holder has left of those it was lent; for good.
    void free_rest_of(Holder holder);
    /// It may be lent again although the holder may be using it.
    void reclaim_from(Holder holder);

    /// It has reported: it is ready to be lent something.
    [[nodiscard]] bool knows(Holder holder) const;
    [[nodiscard]] std::int64_t held_by(Holder holder) const;
    [[nodiscard]] std::int64_t reclaimed() const { return reclaimed_; }
    [[nodiscard]] std::int64_t unlent() const { return total_ - next_ + free_count_; }
    [[nodiscard]] bool closed() const { return closed_; }

private:
    struct Lent {
        std::deque<Piece> pieces{};  ///< granted, and not known to be used or returned
        user::Holding last{};        ///< as it said
        std::int64_t granted = 0;
        std::int64_t returned = 0;  ///< and came here
        std::uint64_t recalls = 0;  ///< sent
        std::int64_t block = kFirstBlock;
        TimePoint granted_at{};
        bool has_reported = false;
        bool told_close = false;
        bool reclaimed = false;

        [[nodiscard]] bool is_up_to_date() const {
            return last.granted == granted && last.recalls == recalls;
        }
        [[nodiscard]] std::int64_t held() const { return granted - last.used - returned; }
    };

    void take_back(Lent& lent, const user::TicketBlock& block);
    void forget_used(Lent& lent, std::int64_t count);
    void put_free(Piece piece);
    [[nodiscard]] Piece next_piece(std::int64_t most);
    void lend_number(const Borrower& borrower, std::int64_t count, TimePoint now);
    [[nodiscard]] std::int64_t fair_part(const Lent& lent, std::size_t borrowers) const;
    void give_first_blocks(const std::vector<Borrower>& borrowers,
                           std::size_t expected,
                           TimePoint now);
    void give_needed(const std::vector<Borrower>& borrowers, std::size_t expected, TimePoint now);
    void call_back(const std::vector<Borrower>& borrowers);

    run::LeaseKey key_;
    std::string name_;
    std::int64_t total_;
    bool plan_has_ended_;
    std::int64_t next_ = 0;  ///< the first that was never lent
    std::deque<Piece> free_{};
    std::int64_t free_count_ = 0;
    std::int64_t used_ = 0;  ///< by all
    std::map<Holder, Lent> lent_{};
    std::int64_t reclaimed_ = 0;
    bool closed_ = false;
};

}  // namespace cicada::cluster
