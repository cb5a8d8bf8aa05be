// SPDX-License-Identifier: Apache-2.0
#include "user/request_ticket.hpp"

#include <cicada/control.hpp>
#include <typeinfo>

#include "user/live_user.hpp"

namespace cicada::user {

void RequestTicket::take() {
    while (awaits_grant()) user_.environment().tickets.wait_for_change();
    for (const RequestScope* scope = scope_; scope != nullptr; scope = scope->outer) {
        if (scope->tickets.supply() == Supply::Now) continue;
        user_.limited_requests().note_refusal(scope_);
        scope_ = nullptr;
        refused_ = true;
        return user_.limited_requests().throw_if_refused();
    }
    for (const RequestScope* scope = scope_; scope != nullptr; scope = scope->outer) {
        scope->tickets.take();
    }
    if (purpose_ == For::Exchange) user_.limited_requests().begin();
}

/// None is here, but more may be lent: in a cluster. In a destructor nobody can wait.
bool RequestTicket::awaits_grant() const {
    bool awaits = false;
    for (const RequestScope* scope = scope_; scope != nullptr; scope = scope->outer) {
        if (scope->tickets.supply() == Supply::Never) return false;
        if (!scope->tickets.awaits_grant()) continue;
        scope->tickets.miss();
        awaits = true;
    }
    return awaits && fiber::may_throw(typeid(LimitReached));
}

void RequestTicket::settle() noexcept {
    for (const RequestScope* scope = scope_; scope != nullptr; scope = scope->outer) {
        if (end_ == End::GivenBack) {
            scope->tickets.give_back();
            continue;
        }
        if (end_ == End::UsedInPart) scope->tickets.note_cut_off();
        scope->tickets.use();
    }
    if (purpose_ == For::Exchange) user_.limited_requests().end();
}

void LimitedRequests::end() {
    --count_;
    if (count_ == 0 && ended_ != nullptr) ended_->set();
}

void LimitedRequests::wait_for_end() {
    if (count_ == 0) return;
    if (ended_ == nullptr) ended_ = std::make_unique<Event>();
    ended_->clear();
    ended_->wait();
}

void LimitedRequests::throw_again() {
    if (refused_in_ != fiber::purpose() || !fiber::may_throw(typeid(LimitReached))) return;
    wait_for_end();
    throw LimitReached{};
}

}  // namespace cicada::user
