// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/expects.hpp"
#include "user/holding.hpp"

namespace cicada::user {

/// Whether a ticket is to be had.
enum class Supply : std::uint8_t {
    Now,
    Later,  ///< perhaps: one that was taken may come back, or more may be granted
    Never,
};

/// The tickets of one limit of the whole test: each is good for one execution or one request.
///
/// Whoever spends takes a ticket first, and then uses it, or gives it back if nothing came of it.
/// Whoever keeps the whole limit grants tickets in blocks, recalls those that are not taken, and
/// closes when there will be no more: a run of one process grants all at once and closes.
/// Always: granted - recalled = here + taken + used, so that no ticket is spent twice or lost.
/// Threads: the engine's. Nothing here suspends or throws.
class Tickets {
public:
    /// `on_change` is called when somebody who waits should look again: a ticket came (back), or
    /// none ever will; `on_need` when more than before are needed from whoever keeps the limit.
    explicit Tickets(
        std::function<void()> on_change, std::function<void()> on_need = [] {})
        : on_change_(std::move(on_change)), on_need_(std::move(on_need)) {}
    Tickets(const Tickets&) = delete;
    Tickets& operator=(const Tickets&) = delete;

    [[nodiscard]] Supply supply() const {
        if (here_ > 0) return Supply::Now;
        return taken_ > 0 || !closed_ ? Supply::Later : Supply::Never;
    }

    // For those who spend. take(): only when the supply is Now.

    void take() {
        base::expects(here_ > 0, "a ticket is taken only where there is one");
        --here_;
        ++taken_;
        keep();
        if (here_ == low_) ask(Need::Soon);
    }
    void use() {
        --taken_;
        ++used_;
        keep();
        if (supply() == Supply::Never) on_change_();
    }
    void give_back() {
        --taken_;
        ++here_;
        keep();
        if (here_ == 1) on_change_();
    }

    /// Somebody would take one, but the supply is Later.
    void miss() {
        if (!closed_) ask(Need::Now);
    }

    /// It is Later because none is here, but more may be granted.
    [[nodiscard]] bool awaits_grant() const { return here_ == 0 && !closed_; }

    /// What a used one was for has been ended early.
    void note_cut_off() { ++cut_off_; }

    // For whoever keeps the whole limit.

    void grant(std::int64_t count);
    /// Takes away at most `most` of those that nobody has taken; returns how many.
    [[nodiscard]] std::int64_t recall(std::int64_t most);
    void close();
    /// Back to none at all. Nobody holds one.
    void clear();

    /// Null: nowhere. `trace` outlives this.
    void keep_in(HoldingTrace* trace) {
        trace_ = trace;
        keep();
    }

    [[nodiscard]] Holding holding() const;
    [[nodiscard]] std::int64_t here() const { return here_; }
    [[nodiscard]] std::int64_t taken() const { return taken_; }
    [[nodiscard]] std::int64_t used() const { return used_; }
    [[nodiscard]] std::int64_t cut_off() const { return cut_off_; }

private:
    void ask(Need need);
    void keep() {
        if (trace_ != nullptr) trace_->keep(holding());
    }

    std::function<void()> on_change_;
    std::function<void()> on_need_;
    std::int64_t here_ = 0;
    std::int64_t taken_ = 0;
    std::int64_t used_ = 0;
    std::int64_t cut_off_ = 0;
    std::int64_t low_ = -1;  ///< so few are here when more are needed; -1: never
    std::int64_t granted_ = 0;
    std::int64_t returned_ = 0;
    std::uint64_t recalls_ = 0;
    Need need_ = Need::None;
    bool closed_ = false;
    HoldingTrace* trace_ = nullptr;
};

}  // namespace cicada::user
