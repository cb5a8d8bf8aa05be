// SPDX-License-Identifier: Apache-2.0
#include <cicada/user.hpp>
#include <stdexcept>

#include "user/live_user.hpp"

namespace cicada {

User::User() : life_(user::LiveUser::current()) {
    if (life_ == nullptr || !life_->is_creating()) {
        throw std::logic_error("a user is created by the run, never by a test");
    }
}

User::~User() = default;
void User::on_start() {}
void User::on_stop() {}

std::string_view User::host() const {
    return life_->host();
}

std::int64_t User::user_number() const {
    return life_->number();
}

HttpUser::HttpUser(const ClientOptions& options) : client(options) {}

}  // namespace cicada
