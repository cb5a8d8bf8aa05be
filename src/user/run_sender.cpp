// SPDX-License-Identifier: Apache-2.0
#include "user/run_sender.hpp"

#include "fiber/scheduler.hpp"
#include "user/live_user.hpp"

namespace cicada::user {
namespace {

thread_local RunSender* sender_of_thread = nullptr;

}  // namespace

RunSender::RunSender(Environment& environment) : environment_(environment), outbox_(environment) {
    sender_of_thread = this;
}

RunSender::~RunSender() {
    outbox_.settle_all();
    for (std::optional<http::Client>* const client : clients_) client->reset();
    sender_of_thread = nullptr;
}

RunSender* RunSender::current() {
    return fiber::in_fiber() && LiveUser::current() == nullptr ? sender_of_thread : nullptr;
}

void RunSender::settle_mine() {
    if (RunSender* const sender = current()) sender->outbox_.settle_mine();
}

void RunSender::remove(std::optional<http::Client>& client) {
    std::erase(clients_, &client);
}

}  // namespace cicada::user
