// SPDX-License-Identifier: Apache-2.0
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include "fiber/scheduler_impl.hpp"

namespace cicada::fiber {

Mailbox::Mailbox() : wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Mailbox::~Mailbox() {
    ::close(wake_fd_);
}

// All of it under the lock: once the message is delivered, the loop may end and this be gone.
bool Mailbox::post(std::function<void()> message) {
    const std::lock_guard lock(mutex_);
    if (messages_.size() >= kCapacity) return false;
    messages_.push_back(std::move(message));
    has_mail_.store(true, std::memory_order_seq_cst);
    if (loop_waits_.load(std::memory_order_seq_cst)) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
    }
    return true;
}

void Mailbox::deliver() {
    if (!has_mail()) return;
    std::vector<std::function<void()>> messages;
    {
        const std::lock_guard lock(mutex_);
        has_mail_.store(false, std::memory_order_seq_cst);
        messages.swap(messages_);
    }
    for (const auto& message : messages) message();
}

bool Mailbox::start_waiting() {
    loop_waits_.store(true, std::memory_order_seq_cst);
    return !has_mail_.load(std::memory_order_seq_cst);
}

void Mailbox::stop_waiting() {
    loop_waits_.store(false, std::memory_order_seq_cst);
}

}  // namespace cicada::fiber
