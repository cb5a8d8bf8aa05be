// SPDX-License-Identifier: Apache-2.0
#include "user/gate.hpp"

namespace cicada::user {

void Gate::close(base::TimePoint now) {
    if (closed_) return;
    closed_ = true;
    since_ = now;
    opened_.clear();
}

void Gate::open(base::TimePoint now) {
    if (!closed_) return;
    sum_ += now - since_;
    closed_ = false;
    opened_.set();
}

std::chrono::nanoseconds Gate::closed_for(base::TimePoint now) const {
    return closed_ ? sum_ + (now - since_) : sum_;
}

void Gate::reset() {
    closed_ = false;
    sum_ = {};
    opened_.set();
}

}  // namespace cicada::user
