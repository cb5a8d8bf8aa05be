// SPDX-License-Identifier: Apache-2.0
#include "run/report_queue.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace cicada::run {

Bell::Bell() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Bell::~Bell() {
    ::close(fd_);
}

void Bell::ring() {
    // The only failure is a counter that is full, and then the bell is ringing anyway.
    [[maybe_unused]] const int written = eventfd_write(fd_, 1);
}

void Bell::wait_until(base::TimePoint deadline, int also) {
    const auto left = std::max(deadline - base::steady_now(), base::TimePoint::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    std::array waited{pollfd{.fd = fd_, .events = POLLIN, .revents = 0},
                      pollfd{.fd = also, .events = POLLIN, .revents = 0}};
    if (ppoll(waited.data(), waited.size(), &timeout, nullptr) > 0) {
        eventfd_t rung = 0;
        [[maybe_unused]] const int read = eventfd_read(fd_, &rung);
    }
}

bool ReportQueue::try_push(EngineReport& report) {
    const std::size_t pushed = pushed_.load(std::memory_order_relaxed);
    if (pushed - popped_.load(std::memory_order_acquire) == kCapacity) return false;
    slots_[pushed % kCapacity] = std::move(report);
    pushed_.store(pushed + 1, std::memory_order_release);
    return true;
}

std::optional<EngineReport> ReportQueue::try_pop() {
    const std::size_t popped = popped_.load(std::memory_order_relaxed);
    if (popped == pushed_.load(std::memory_order_acquire)) return std::nullopt;
    std::optional<EngineReport> report = std::exchange(slots_[popped % kCapacity], {});
    popped_.store(popped + 1, std::memory_order_release);
    return report;
}

}  // namespace cicada::run
