// SPDX-License-Identifier: Apache-2.0
#include "cluster/lease_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/expects.hpp"

namespace cicada::cluster {

using base::TimePoint;
using run::LeaseAccount;
using run::LeaseKey;
using run::LeaseKind;

void LeaseDesk::begin_test(std::uint64_t round) {
    round_ = round;
    parties_.clear();
    shelves_.clear();
    lenders_.clear();
    complaint_.clear();
    paused_since_.reset();
    next_arrivals_at_ = TimePoint::max();
}

void LeaseDesk::begin_arrivals(TimePoint now) {
    if (!lenders_.empty()) return;
    for (std::uint32_t index = 0; index < options_.arrivals.size(); ++index) {
        lenders_.emplace(LeaseKey{LeaseKind::Arrivals, index},
                         ArrivalLender(options_.arrivals[index], now));
    }
    if (!lenders_.empty()) next_arrivals_at_ = now;
    if (paused_since_) paused_since_ = now;
    serve_all(now);
}

void LeaseDesk::pause(TimePoint now) {
    if (!paused_since_) paused_since_ = now;
}

void LeaseDesk::resume(TimePoint now) {
    if (!paused_since_) return;
    for (auto& [key, lender] : lenders_) lender.shift(now - *paused_since_);
    paused_since_.reset();
    serve_all(now);
}

// ---- who takes part -----------------------------------------------------------------------------

void LeaseDesk::add(Holder holder, run::EngineLink& link) {
    parties_[holder] = Party{.link = &link};
}

void LeaseDesk::lose(Holder holder, LastWords words, TimePoint now) {
    const auto found = parties_.find(holder);
    if (found == parties_.end() || found->second.is_settled) return;
    found->second.link = nullptr;
    found->second.words_awaited = words == LastWords::Awaited;
    found->second.lost_at = now;
    serve_all(now);
}

void LeaseDesk::find_again(Holder holder, run::EngineLink& link, TimePoint now) {
    const auto found = parties_.find(holder);
    if (found == parties_.end() || found->second.is_settled) return;
    found->second.link = &link;
    serve_all(now);
}

void LeaseDesk::settle(Holder holder, const std::vector<LeaseAccount>& last_words, TimePoint now) {
    const auto found = parties_.find(holder);
    if (found == parties_.end() || found->second.is_settled) return;
    found->second.link = nullptr;
    found->second.is_settled = true;
    for (const LeaseAccount& account : last_words) {
        const auto shelf = shelves_.find(account.key);
        if (shelf != shelves_.end()) shelf->second.on_report(holder, account, {});
    }
    for (auto& [key, shelf] : shelves_) shelf.free_rest_of(holder);
    serve_all(now);
}

bool LeaseDesk::may_come_back(const Party& party, TimePoint now) const {
    if (party.link != nullptr || party.is_settled) return false;
    if (party.words_awaited && now < party.lost_at + kLastWords) return true;
    return options_.reclaim_after.has_value() && !party.is_reclaimed;
}

// ---- what they say ------------------------------------------------------------------------------

LeaseShelf& LeaseDesk::shelf(const LeaseAccount& account) {
    const bool is_counted = account.key.kind != LeaseKind::Arrivals;
    const auto [found, is_new] = shelves_.try_emplace(
        account.key, account.key, account.name, is_counted ? account.total : 0);
    LeaseShelf& shelf = found->second;
    if (is_counted && shelf.total() != account.total && complaint_.empty()) {
        complaint_ = fmt::format(
            "{}: one node has {} of them, another {}", account.name, shelf.total(), account.total);
    }
    return shelf;
}

void LeaseDesk::on_report(Holder holder, const run::EngineReport& report, TimePoint now) {
    const auto found = parties_.find(holder);
    if (found == parties_.end() || report.lease_round != round_ || round_ == 0) return;
    Party& party = found->second;
    if (party.is_settled) return;
    const bool is_first = !std::exchange(party.is_up, true);
    bool has_changed = is_first;
    for (const LeaseAccount& account : report.leases) {
        has_changed |= shelf(account).on_report(holder, account, report.lease_returns);
    }
    if (has_changed) serve_all(now);
}

// ---- lending ------------------------------------------------------------------------------------

std::vector<LeaseShelf::Borrower> LeaseDesk::borrowers() const {
    std::vector<LeaseShelf::Borrower> borrowers;
    for (const auto& [holder, party] : parties_) {
        if (party.link == nullptr || !party.is_up) continue;
        borrowers.push_back({holder, party.link, holder == kOwnEngine});
    }
    return borrowers;
}

// First blocks are cut for all who will come, so that nobody comes too late.
std::size_t LeaseDesk::expected() const {
    return static_cast<std::size_t>(
        std::count_if(parties_.begin(), parties_.end(), [](const auto& one) {
            return one.second.link != nullptr && one.first != kOwnEngine;
        }));
}

void LeaseDesk::serve_all(TimePoint now) {
    const std::vector<LeaseShelf::Borrower> borrowers = this->borrowers();
    const bool arrivals_rest = lenders_.empty() || paused_since_.has_value();
    for (auto& [key, shelf] : shelves_) {
        bool may_come_back = false;
        for (const auto& [holder, party] : parties_) {
            may_come_back |= this->may_come_back(party, now) && shelf.held_by(holder) > 0;
        }
        if (key.kind != LeaseKind::Arrivals) {
            shelf.serve(borrowers, expected(), may_come_back, now);
            continue;
        }
        const auto lender = lenders_.find(key);
        if (lender == lenders_.end()) continue;
        if (!arrivals_rest) lender->second.lend(shelf, borrowers, now);
        shelf.close_if_spent(borrowers, may_come_back);
    }
}

void LeaseDesk::on_time(TimePoint now) {
    if (now < next_deadline()) return;
    if (now >= next_arrivals_at_) next_arrivals_at_ = now + ArrivalLender::kPeriod;
    for (auto& [holder, party] : parties_) {
        if (party.link != nullptr || party.is_settled) continue;
        if (now >= party.lost_at + kLastWords) party.words_awaited = false;
        if (!options_.reclaim_after || now < party.lost_at + *options_.reclaim_after) continue;
        if (std::exchange(party.is_reclaimed, true)) continue;
        for (auto& [key, shelf] : shelves_) shelf.reclaim_from(holder);
    }
    serve_all(now);
}

TimePoint LeaseDesk::next_deadline() const {
    TimePoint next = next_arrivals_at_;
    for (const auto& [holder, party] : parties_) {
        if (party.link != nullptr || party.is_settled) continue;
        if (party.words_awaited) next = std::min(next, party.lost_at + kLastWords);
        if (options_.reclaim_after && !party.is_reclaimed) {
            next = std::min(next, party.lost_at + *options_.reclaim_after);
        }
    }
    return next;
}

// ---- what nobody knows --------------------------------------------------------------------------

LeaseDesk::Uncertain LeaseDesk::uncertain(LeaseKey key) const {
    const auto shelf = shelves_.find(key);
    if (shelf == shelves_.end()) return {};
    Uncertain uncertain{.fewer = 0, .more = shelf->second.reclaimed()};
    for (const auto& [holder, party] : parties_) {
        if (party.link == nullptr) uncertain.fewer += shelf->second.held_by(holder);
    }
    return uncertain;
}

void LeaseDesk::add_uncertain(run::EngineReport& merged) const {
    // Limits stand in the same order there; those of classes that do not come are left out.
    auto progress = merged.limits.begin();
    for (const auto& [key, shelf] : shelves_) {
        const Uncertain uncertain = this->uncertain(key);
        if (key.kind == LeaseKind::Limit) {
            const auto found =
                std::find_if(progress, merged.limits.end(), [&shelf = shelf](const auto& one) {
                    return !one.per_user() && one.name == shelf.name() &&
                           one.total == shelf.total();
                });
            if (found == merged.limits.end()) continue;
            found->uncertain = uncertain.fewer;
            found->beyond = uncertain.more;
            progress = found + 1;
        } else if (key.kind == LeaseKind::Arrivals && key.index < merged.arrivals.size()) {
            merged.arrivals[key.index].uncertain =
                static_cast<std::uint64_t>(uncertain.fewer + uncertain.more);
        }
    }
}

}  // namespace cicada::cluster
