// SPDX-License-Identifier: Apache-2.0
#include <cicada/task_set.hpp>
#include <cicada/user.hpp>
#include <stdexcept>
#include <utility>

#include "user/live_user.hpp"
#include "user/task_loop.hpp"

namespace cicada {

namespace detail {

ThisUserHasNoHttpClient no_client;

}  // namespace detail

TaskOwner::TaskOwner() : loop_(nullptr) {
    const user::LiveUser* const user = user::LiveUser::current();
    if (user != nullptr) loop_ = user->creating();
}

TaskOwner::~TaskOwner() = default;
void TaskOwner::on_start() {}
void TaskOwner::on_stop() {}

void TaskOwner::schedule_task(detail::Function<void()> task, Place place) {
    loop_->schedule(std::move(task), place);
}

User::User() {
    if (loop_ == nullptr || loop_->outer() != nullptr) {
        throw std::logic_error("a user is created by the run, never by a test");
    }
}

User::~User() = default;

std::string_view User::host() const {
    return loop_->user().host();
}

std::int64_t User::user_number() const {
    return loop_->user().number();
}

detail::AnyTaskSet::AnyTaskSet() {
    if (loop_ == nullptr || loop_->outer() == nullptr) {
        throw std::logic_error("a task set is created when a user enters it, never by a test");
    }
    parent_ = loop_->outer()->owner();
    user_ = static_cast<User*>(loop_->user().outermost().owner());
}

detail::AnyTaskSet::~AnyTaskSet() = default;

HttpUser::HttpUser(const ClientOptions& options) : client(options) {}

}  // namespace cicada
