// SPDX-License-Identifier: Apache-2.0
#include "user/tickets.hpp"

#include <algorithm>

namespace cicada::user {

std::int64_t Tickets::recall(std::int64_t most) {
    const std::int64_t recalled = std::clamp(most, std::int64_t{0}, here_);
    here_ -= recalled;
    if (recalled > 0 && supply() == Supply::Never) on_change_();
    return recalled;
}

void Tickets::clear() {
    base::expects(taken_ == 0, "tickets are cleared between tests, when nobody holds one");
    here_ = 0;
    used_ = 0;
    cut_off_ = 0;
    closed_ = false;
}

}  // namespace cicada::user
