// SPDX-License-Identifier: Apache-2.0
#include "run/arrival_line.hpp"

#include <limits>

namespace cicada::run {

void ArrivalLine::reset(const ArrivalSchedule& schedule) {
    blocks_.clear();
    gone_ = 0;
    granted_ = 0;
    due_ = Cursor{schedule};
    handed_ = Cursor{schedule};
    keep();
}

void ArrivalLine::be_all_of(const ArrivalSchedule& schedule) {
    reset(schedule);
    grant({0, std::numeric_limits<std::int64_t>::max(), 1}, schedule.mark());
    closed_ = true;
}

void ArrivalLine::be_lent(const ArrivalSchedule& schedule) {
    reset(schedule);
    closed_ = false;
}

void ArrivalLine::grant(const user::TicketBlock& block, const ArrivalSchedule::Mark& mark) {
    blocks_.push_back({block, mark});
    granted_ += block.count;
    keep();
}

std::optional<ArrivalLine::Arrival> ArrivalLine::present(Cursor& cursor) {
    while (cursor.block < gone_ + blocks_.size()) {
        const Granted& granted = blocks_[cursor.block - gone_];
        if (!cursor.is_in_block) {
            cursor.schedule.go_to(granted.mark);
            const auto first = static_cast<std::uint64_t>(granted.block.first);
            cursor.schedule.advance(first - granted.mark.number);
            cursor.is_in_block = true;
        }
        if (const auto planned = cursor.schedule.planned();
            planned && cursor.in_block < granted.block.count) {
            return Arrival{static_cast<std::int64_t>(cursor.schedule.number()), *planned};
        }
        cursor.block += 1;
        cursor.in_block = 0;
        cursor.is_in_block = false;
    }
    return std::nullopt;
}

void ArrivalLine::pass(Cursor& cursor) {
    if (!present(cursor)) return;
    const Granted& granted = blocks_[cursor.block - gone_];
    cursor.schedule.advance(static_cast<std::uint64_t>(granted.block.stride));
    cursor.in_block += 1;
    cursor.passed += 1;
}

ArrivalLine::Arrival ArrivalLine::hand() {
    const Arrival arrival = present(handed_).value();
    pass(handed_);
    keep();
    forget_handed();
    return arrival;
}

void ArrivalLine::forget_handed() {
    for (; gone_ < handed_.block; ++gone_) blocks_.pop_front();
}

std::int64_t ArrivalLine::drop() {
    const std::int64_t dropped = due_.passed - handed_.passed;
    handed_ = due_;
    keep();
    forget_handed();
    return dropped;
}

}  // namespace cicada::run
