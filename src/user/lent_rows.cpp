// SPDX-License-Identifier: Apache-2.0
#include "user/lent_rows.hpp"

#include <algorithm>
#include <utility>

namespace cicada::user {

void LentRowNumbers::ask(Need need) {
    if (closed_ || need <= holding_.need) return;
    holding_.need = need;
    on_need_();
}

std::optional<std::int64_t> LentRowNumbers::take() {
    while (here_ == 0 && !closed_) {
        miss();
        changed_.clear();
        changed_.wait();
    }
    if (here_ == 0) return std::nullopt;
    TicketBlock& block = blocks_.front();
    const std::int64_t number = block.first;
    block.first += block.stride;
    block.count -= 1;
    if (block.count == 0) blocks_.pop_front();
    here_ -= 1;
    holding_.used += 1;
    keep();
    if (here_ == low_) ask(Need::Soon);
    return number;
}

void LentRowNumbers::grant(const TicketBlock& block) {
    blocks_.push_back(block);
    here_ += block.count;
    holding_.granted += block.count;
    keep();
    holding_.need = Need::None;
    low_ = low_water(here_);
    changed_.set();
}

std::vector<TicketBlock> LentRowNumbers::recall(std::int64_t most) {
    std::vector<TicketBlock> recalled;
    holding_.recalls += 1;
    while (most > 0 && here_ > 0) {
        TicketBlock& last = blocks_.back();
        const std::int64_t count = std::min(most, last.count);
        last.count -= count;
        recalled.push_back({last.first + last.count * last.stride, count, last.stride});
        if (last.count == 0) blocks_.pop_back();
        here_ -= count;
        most -= count;
        holding_.returned += count;
    }
    low_ = low_water(here_);
    keep();
    return recalled;
}

void LentRowNumbers::close() {
    closed_ = true;
    holding_.need = Need::None;
    changed_.set();
}

Holding LentRowNumbers::holding() const {
    return holding_;
}

}  // namespace cicada::user
