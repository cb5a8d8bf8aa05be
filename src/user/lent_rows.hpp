// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/sync.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "user/holding.hpp"
#include "user/rows.hpp"

namespace cicada::user {

/// Numbers of rows that are lent in blocks by whoever has them all; used in the order they came.
///
/// Threads: the engine's.
class LentRowNumbers final : public RowNumbers {
public:
    /// `on_need` is called when more are needed than before.
    explicit LentRowNumbers(std::function<void()> on_need) : on_need_(std::move(on_need)) {}

    /// Waits while there is none but more may come. Suspends.  Cancelled: throws FiberCancelled.
    [[nodiscard]] std::optional<std::int64_t> take() override;

    /// Somebody would take one, but there is none here.
    void miss() { ask(Need::Now); }

    void grant(const TicketBlock& block);
    /// Takes away at most `most`, those granted last first.
    [[nodiscard]] std::vector<TicketBlock> recall(std::int64_t most);
    void close();  ///< there will be no more

    /// Null: nowhere. `trace` outlives this.
    void keep_in(HoldingTrace* trace) {
        trace_ = trace;
        keep();
    }

    [[nodiscard]] Holding holding() const;

private:
    void ask(Need need);
    void keep() {
        if (trace_ != nullptr) trace_->keep(holding_);
    }

    std::function<void()> on_need_;
    std::deque<TicketBlock> blocks_{};
    std::int64_t here_ = 0;
    std::int64_t low_ = -1;
    Holding holding_{};
    HoldingTrace* trace_ = nullptr;
    bool closed_ = false;
    Event changed_;
};

}  // namespace cicada::user
