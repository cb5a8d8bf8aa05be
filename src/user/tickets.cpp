// SPDX-License-Identifier: Apache-2.0
#include "user/tickets.hpp"

#include <algorithm>

namespace cicada::user {

void Tickets::ask(Need need) {
    if (need <= need_) return;
    need_ = need;
    on_need_();
}

void Tickets::grant(std::int64_t count) {
    here_ += count;
    granted_ += count;
    low_ = closed_ ? -1 : low_water(here_);
    need_ = Need::None;
    keep();
    on_change_();
}

std::int64_t Tickets::recall(std::int64_t most) {
    const std::int64_t recalled = std::clamp(most, std::int64_t{0}, here_);
    here_ -= recalled;
    returned_ += recalled;
    recalls_ += 1;
    low_ = closed_ ? -1 : low_water(here_);
    keep();
    if (recalled > 0 && supply() == Supply::Never) on_change_();
    return recalled;
}

void Tickets::close() {
    closed_ = true;
    low_ = -1;
    need_ = Need::None;
    on_change_();
}

void Tickets::clear() {
    base::expects(taken_ == 0, "tickets are cleared between tests, when nobody holds one");
    here_ = 0;
    used_ = 0;
    cut_off_ = 0;
    low_ = -1;
    granted_ = 0;
    returned_ = 0;
    recalls_ = 0;
    need_ = Need::None;
    closed_ = false;
    keep();
}

Holding Tickets::holding() const {
    return {.granted = granted_,
            .used = used_,
            .taken = taken_,
            .returned = returned_,
            .recalls = recalls_,
            .need = need_};
}

}  // namespace cicada::user
