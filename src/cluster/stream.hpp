// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/later.hpp"

// A stream of numbered items over a transport that may lose, repeat and reorder them. One side
// keeps each item until it is acknowledged; the other takes each once, in order.
namespace cicada::cluster {

struct StreamLimits {
    std::chrono::nanoseconds resend_after = std::chrono::milliseconds(500);
    std::size_t most_on_their_way = 64;
    std::size_t most_kept = 10'000;  ///< then the other side is not to be helped any more
};

/// The sender's end. Items are numbered from 1. Knows no clock and no transport.
template <class Item>
class SendingStream {
public:
    /// Items to be sent now, with consecutive numbers.
    struct Batch {
        std::uint64_t first = 1;  ///< number of the first item
        std::vector<Item> items{};
    };

    explicit SendingStream(const StreamLimits& limits = {}) : limits_(limits) {}

    /// Returns the item's number.
    std::uint64_t push(Item item) {
        kept_.push_back(std::move(item));
        return last();
    }

    /// The other side has all items up to `number`. What was acknowledged before, or never sent,
    /// changes nothing.
    void acknowledge(std::uint64_t number, base::TimePoint now) {
        if (number <= acknowledged_ || number > sent_) return;
        const auto count = static_cast<std::ptrdiff_t>(number - acknowledged_);
        kept_.erase(kept_.begin(), kept_.begin() + count);
        acknowledged_ = number;
        sent_at_ = now;
    }

    /// What is new, as far as the window allows; all that is unanswered once it is time to send it
    /// again. Nothing: not now.
    std::optional<Batch> due(base::TimePoint now) {
        if (sent_ > acknowledged_ && now >= resend_at()) sent_ = acknowledged_;
        const std::uint64_t window = acknowledged_ + limits_.most_on_their_way;
        const std::uint64_t end = std::min(last(), window);
        if (end <= sent_) return std::nullopt;
        Batch batch{.first = sent_ + 1};
        for (std::uint64_t number = sent_ + 1; number <= end; ++number) {
            batch.items.push_back(kept_[static_cast<std::size_t>(number - acknowledged_ - 1)]);
        }
        if (sent_ == acknowledged_) sent_at_ = now;
        sent_ = end;
        return batch;
    }

    /// When due() has something; TimePoint::max(): not before the next push or acknowledgement.
    [[nodiscard]] base::TimePoint next_deadline() const {
        const bool has_new = sent_ < std::min(last(), acknowledged_ + limits_.most_on_their_way);
        if (has_new) return base::TimePoint::min();
        return sent_ > acknowledged_ ? resend_at() : base::TimePoint::max();
    }

    /// What is on its way counts as lost: the connection is a new one.
    void resend() { sent_ = acknowledged_; }

    /// The other side goes on with a stream of which it has all up to `number`.
    void resume_after(std::uint64_t number, base::TimePoint now) {
        sent_ = last();
        acknowledge(number, now);
        resend();
    }

    /// The other side knows nothing of before: numbers begin at 1 again.
    void begin_anew() {
        kept_.clear();
        acknowledged_ = 0;
        sent_ = 0;
    }

    [[nodiscard]] std::uint64_t last() const { return acknowledged_ + kept_.size(); }
    [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
    [[nodiscard]] bool idle() const { return kept_.empty(); }  ///< all has been acknowledged
    [[nodiscard]] bool overfull() const { return kept_.size() > limits_.most_kept; }

    /// The item pushed last, if it has not been sent yet: it may be replaced. Null: it has been.
    [[nodiscard]] Item* last_unsent() { return sent_ < last() ? &kept_.back() : nullptr; }

private:
    [[nodiscard]] base::TimePoint resend_at() const {
        return base::later(sent_at_, limits_.resend_after);
    }

    StreamLimits limits_;
    std::deque<Item> kept_;           ///< numbers acknowledged_ + 1, ...
    std::uint64_t acknowledged_ = 0;  ///< all up to this one
    std::uint64_t sent_ = 0;          ///< the highest that is on its way
    base::TimePoint sent_at_{};       ///< the oldest of those, or the last sign of progress
};

/// The receiver's end: tells which items are new, and what to acknowledge.
class ReceivingStream {
public:
    /// True for the one that comes next: it is to be taken, once. All others are to be dropped.
    [[nodiscard]] bool accept(std::uint64_t number) {
        owes_acknowledgement_ = true;
        if (number != last_ + 1) return false;
        last_ = number;
        return true;
    }

    /// The number to acknowledge, after something has come: all up to it have been taken.
    [[nodiscard]] std::optional<std::uint64_t> take_acknowledgement() {
        if (!std::exchange(owes_acknowledgement_, false)) return std::nullopt;
        return last_;
    }

    [[nodiscard]] std::uint64_t last() const { return last_; }

    /// The sender goes on after `number`; 0: it begins anew.
    void begin_after(std::uint64_t number) {
        last_ = number;
        owes_acknowledgement_ = false;
    }

private:
    std::uint64_t last_ = 0;
    bool owes_acknowledgement_ = false;
};

}  // namespace cicada::cluster
