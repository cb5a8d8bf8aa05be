// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "run/arrival_schedule.hpp"
#include "user/holding.hpp"

namespace cicada::run {

/// The arrivals of one class that an engine has to begin, one after the other: all of a schedule,
/// or those it was lent. Each becomes due, and then is handed to a user.
///
/// Takes no memory for those that wait: their times are computed again.
class ArrivalLine {
public:
    explicit ArrivalLine(const ArrivalSchedule& schedule) : due_{schedule}, handed_{schedule} {}

    /// One arrival.
    struct Arrival {
        std::int64_t number = 0;             ///< in the whole test, from 0
        std::chrono::nanoseconds planned{};  ///< since the test began
    };

    void be_all_of(const ArrivalSchedule& schedule);
    /// None until some are granted. The schedule is the same on all nodes.
    void be_lent(const ArrivalSchedule& schedule);

    /// `mark` is how far the schedule is at the block's first number, or before.
    void grant(const user::TicketBlock& block, const ArrivalSchedule::Mark& mark);
    void close() { closed_ = true; }

    /// The one that is due next; nothing: there is none, or none yet.
    [[nodiscard]] std::optional<Arrival> next_due() { return present(due_); }
    void pass_due() { pass(due_); }

    /// Of those that are due and were not handed, the first. Shape: !all_handed().
    Arrival hand();
    [[nodiscard]] bool all_handed() const { return handed_.passed == due_.passed; }
    /// Those that are due are handed to nobody; how many they are.
    std::int64_t drop();

    /// No arrival will be due any more.
    [[nodiscard]] bool has_ended() { return closed_ && !next_due(); }

    /// Null: nowhere. `trace` outlives this.
    void keep_in(user::HoldingTrace* trace) {
        trace_ = trace;
        keep();
    }

    [[nodiscard]] std::int64_t granted() const { return granted_; }
    [[nodiscard]] std::int64_t handed() const { return handed_.passed; }

private:
    struct Granted {
        user::TicketBlock block;
        ArrivalSchedule::Mark mark;
    };

    /// A place in the line.
    struct Cursor {
        ArrivalSchedule schedule;
        std::uint64_t block = 0;    ///< counted from the first that was ever granted
        bool is_in_block = false;   ///< the schedule is at one of its numbers
        std::int64_t in_block = 0;  ///< passed of this block
        std::int64_t passed = 0;    ///< of all
    };

    void keep() {
        if (trace_ != nullptr) trace_->keep({.granted = granted_, .used = handed_.passed});
    }
    void reset(const ArrivalSchedule& schedule);
    void forget_handed();
    [[nodiscard]] std::optional<Arrival> present(Cursor& cursor);
    void pass(Cursor& cursor);

    std::deque<Granted> blocks_{};
    std::uint64_t gone_ = 0;  ///< blocks before the first of these
    std::int64_t granted_ = 0;
    Cursor due_;
    Cursor handed_;
    bool closed_ = true;
    user::HoldingTrace* trace_ = nullptr;
};

}  // namespace cicada::run
