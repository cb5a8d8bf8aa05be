// SPDX-License-Identifier: Apache-2.0
#include "user/limited_execution.hpp"

#include "fiber/scheduler.hpp"
#include "user/live_user.hpp"

namespace cicada::user {

LimitedExecution::LimitedExecution(LiveUser& user, const Choice& choice)
    : user_(user), task_(choice.task), limited_(user.allowance().limited()) {
    if (!limited_) return;
    counted_ = user.allowance().begin(choice);
    if (counted_) user.begin_counted();
    outer_ = fiber::purpose();
    fiber::purpose() =
        user.environment().tickets.scope(static_cast<const RequestScope*>(outer_), *choice.task);
}

LimitedExecution::LimitedExecution(LiveUser& user)
    : user_(user), limited_(user.allowance().limited()) {
    if (!limited_) return;
    outer_ = fiber::purpose();
    counted_ = user.allowance().begin_iteration();
    if (counted_) user.begin_counted();
}

LimitedExecution::~LimitedExecution() {
    if (!limited_) return;
    fiber::purpose() = outer_;
    user_.limited_requests().forget_refusal();
    if (counted_) user_.end_counted();
}

void LimitedExecution::note_cut_off() {
    if (counted_ && task_ != nullptr) user_.allowance().note_cut_off(*task_);
}

}  // namespace cicada::user
