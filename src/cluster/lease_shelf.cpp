// SPDX-License-Identifier: Apache-2.0
#include "cluster/lease_shelf.hpp"

#include <algorithm>
#include <utility>

namespace cicada::cluster {
namespace {

using user::Need;
using user::TicketBlock;

/// Without the first `count` of them.
TicketBlock rest_of(const TicketBlock& block, std::int64_t count) {
    return {block.first + count * block.stride, block.count - count, block.stride};
}

/// The last `count` of them.
TicketBlock tail_of(const TicketBlock& block, std::int64_t count) {
    return rest_of(block, block.count - count);
}

}  // namespace

// ---- what holders say ---------------------------------------------------------------------------

bool LeaseShelf::on_report(Holder holder,
                           const run::LeaseAccount& account,
                           const std::vector<run::LeaseReturn>& returns) {
    Lent& lent = lent_[holder];
    const user::Holding& held = account.held;
    const bool is_sound = held.used >= lent.last.used && held.returned >= lent.last.returned &&
                          held.taken >= 0 && held.here() >= 0 && held.granted <= lent.granted;
    if (lent.reclaimed || !is_sound) return false;
    // What was given back was not used: it is taken out before the used ones are counted off.
    for (const run::LeaseReturn& one : returns) {
        if (one.key == key_) take_back(lent, one.block);
    }
    forget_used(lent, held.used - lent.last.used);
    const bool has_changed = lent.last != held || !lent.has_reported;
    lent.has_reported = true;
    used_ += held.used - lent.last.used;
    lent.last = held;
    return has_changed;
}

void LeaseShelf::take_back(Lent& lent, const TicketBlock& block) {
    std::int64_t missing = block.count;
    const bool by_number = key_.kind != run::LeaseKind::Limit;
    for (std::size_t index = lent.pieces.size(); index-- > 0 && missing > 0;) {
        Piece& piece = lent.pieces[index];
        const std::int64_t count = std::min(missing, piece.block.count);
        const TicketBlock tail = tail_of(piece.block, count);
        if (by_number && tail != block) continue;
        put_free({tail, piece.arrivals});
        piece.block.count -= count;
        lent.returned += count;
        missing -= count;
        if (piece.block.count == 0) {
            lent.pieces.erase(lent.pieces.begin() + static_cast<std::ptrdiff_t>(index));
        }
    }
}

void LeaseShelf::forget_used(Lent& lent, std::int64_t count) {
    while (count > 0 && !lent.pieces.empty()) {
        TicketBlock& block = lent.pieces.front().block;
        const std::int64_t used = std::min(count, block.count);
        block = rest_of(block, used);
        count -= used;
        if (block.count == 0) lent.pieces.pop_front();
    }
}

void LeaseShelf::put_free(Piece piece) {
    free_count_ += piece.block.count;
    free_.push_back(std::move(piece));
}

void LeaseShelf::free_rest_of(Holder holder) {
    const auto found = lent_.find(holder);
    if (found == lent_.end()) return;
    Lent& lent = found->second;
    if (lent.reclaimed) return;
    forget_used(lent, lent.last.taken);  // nobody knows whether they were spent
    while (!lent.pieces.empty()) {
        lent.granted -= lent.pieces.back().block.count;
        put_free(std::move(lent.pieces.back()));
        lent.pieces.pop_back();
    }
}

void LeaseShelf::reclaim_from(Holder holder) {
    const auto found = lent_.find(holder);
    if (found == lent_.end() || found->second.reclaimed) return;
    Lent& lent = found->second;
    reclaimed_ += lent.held();
    lent.reclaimed = true;
    for (Piece& piece : std::exchange(lent.pieces, {})) put_free(std::move(piece));
}

bool LeaseShelf::knows(Holder holder) const {
    const auto found = lent_.find(holder);
    return found != lent_.end() && found->second.has_reported;
}

std::int64_t LeaseShelf::held_by(Holder holder) const {
    const auto found = lent_.find(holder);
    return found == lent_.end() || found->second.reclaimed ? 0 : found->second.held();
}

// ---- lending ------------------------------------------------------------------------------------

std::optional<LeaseShelf::Piece> LeaseShelf::take_free() {
    if (free_.empty()) return std::nullopt;
    Piece piece = std::move(free_.front());
    free_.pop_front();
    free_count_ -= piece.block.count;
    return piece;
}

// Those that came back are lent before those that never were. There is one at least.
LeaseShelf::Piece LeaseShelf::next_piece(std::int64_t most) {
    if (free_.empty()) {
        const std::int64_t count = std::min(most, total_ - next_);
        return {{std::exchange(next_, next_ + count), count, 1}, {}};
    }
    Piece& front = free_.front();
    const std::int64_t count = std::min(most, front.block.count);
    Piece piece{{front.block.first, count, front.block.stride}, front.arrivals};
    front.block = rest_of(front.block, count);
    free_count_ -= count;
    if (front.block.count == 0) free_.pop_front();
    return piece;
}

void LeaseShelf::lend(const Borrower& borrower, const Piece& piece) {
    Lent& lent = lent_[borrower.holder];
    lent.granted += piece.block.count;
    lent.pieces.push_back(piece);
    borrower.link->grant({key_, piece.block, piece.arrivals});
}

void LeaseShelf::lend_number(const Borrower& borrower, std::int64_t count, TimePoint now) {
    lent_[borrower.holder].granted_at = now;
    while (count > 0 && unlent() > 0) {
        const Piece piece = next_piece(count);
        count -= piece.block.count;
        lend(borrower, piece);
    }
}

// Half of what would be its share if all go on as they have done, so that the last ones go out in
// small blocks.
std::int64_t LeaseShelf::fair_part(const Lent& lent, std::size_t borrowers) const {
    const auto all =
        static_cast<double>(used_) + static_cast<double>(std::max<std::size_t>(borrowers, 1));
    const double part = std::min((static_cast<double>(lent.last.used) + 1) / all, 1.0);
    const double half = static_cast<double>(unlent()) * part / 2;
    return static_cast<std::int64_t>(std::min(half, static_cast<double>(kMostBlock))) + 1;
}

void LeaseShelf::serve(const std::vector<Borrower>& borrowers,
                       std::size_t expected,
                       bool may_come_back,
                       TimePoint now) {
    if (!closed_) {
        give_first_blocks(borrowers, expected, now);
        give_needed(borrowers, expected, now);
        if (unlent() == 0) call_back(borrowers);
    }
    close_if_spent(borrowers, may_come_back);
}

void LeaseShelf::close_if_spent(const std::vector<Borrower>& borrowers, bool may_come_back) {
    if (!closed_) {
        bool somebody_holds = may_come_back;
        for (const Borrower& one : borrowers) somebody_holds |= held_by(one.holder) > 0;
        closed_ = plan_has_ended_ && unlent() == 0 && !somebody_holds;
    }
    if (!closed_) return;
    for (const Borrower& one : borrowers) {
        if (!knows(one.holder)) continue;  // it might not have begun
        if (!std::exchange(lent_[one.holder].told_close, true)) one.link->close(key_);
    }
}

void LeaseShelf::give_first_blocks(const std::vector<Borrower>& borrowers,
                                   std::size_t expected,
                                   TimePoint now) {
    for (const Borrower& one : borrowers) {
        if (unlent() == 0) return;
        if (one.only_on_demand || !knows(one.holder) || lent_[one.holder].granted > 0) continue;
        lend_number(one, std::min(kFirstBlock, fair_part(lent_[one.holder], expected)), now);
    }
}

// Who waits comes before who will soon. What a report says is old news as long as grants and
// recalls are on their way.
void LeaseShelf::give_needed(const std::vector<Borrower>& borrowers,
                             std::size_t expected,
                             TimePoint now) {
    for (const Need need : {Need::Now, Need::Soon}) {
        for (const Borrower& one : borrowers) {
            Lent& lent = lent_[one.holder];
            if (unlent() == 0) return;
            if (lent.reclaimed || lent.last.need != need || lent.last.granted != lent.granted) {
                continue;
            }
            if (now - lent.granted_at < kFast) lent.block = std::min(2 * lent.block, kMostBlock);
            if (now - lent.granted_at > kSlow) lent.block = std::max(lent.block / 2, kLeastBlock);
            lend_number(one, std::min(lent.block, fair_part(lent, expected)), now);
        }
    }
}

void LeaseShelf::call_back(const std::vector<Borrower>& borrowers) {
    for (const Borrower& one : borrowers) {
        const Lent& needy = lent_[one.holder];
        if (needy.last.need == Need::None || !needy.is_up_to_date()) continue;
        const Borrower* richest = nullptr;
        std::int64_t most = needy.last.need == Need::Now ? 0 : 2 * needy.last.here() + 1;
        for (const Borrower& other : borrowers) {
            const Lent& lent = lent_[other.holder];
            if (other.holder == one.holder || !lent.is_up_to_date()) continue;
            if (lent.last.here() <= most) continue;
            most = lent.last.here();
            richest = &other;
        }
        if (richest == nullptr) continue;
        lent_[richest->holder].recalls += 1;
        richest->link->recall(key_, (most + 1) / 2);
    }
}

}  // namespace cicada::cluster
