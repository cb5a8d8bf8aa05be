// SPDX-License-Identifier: Apache-2.0
#include "report/log_queue.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace cicada::report {

LogQueue::LogQueue() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

LogQueue::~LogQueue() {
    if (event_ >= 0) ::close(event_);
}

void LogQueue::push(const base::LogLine& line) {
    QueuedLine queued{line.level, base::formatted(line)};
    {
        const std::lock_guard lock(mutex_);
        if (lines_.size() >= kMostLines) {
            ++dropped_;
            return;
        }
        lines_.push_back(std::move(queued));
    }
    wake();
}

void LogQueue::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(event_, &one, sizeof one);
}

std::vector<QueuedLine> LogQueue::take() {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const ssize_t length = ::read(event_, &ignored, sizeof ignored);
    const std::lock_guard lock(mutex_);
    std::vector<QueuedLine> taken = std::exchange(lines_, {});
    if (dropped_ > 0) {
        const base::LogLine line{
            base::LogLevel::Warning,
            fmt::format("{} log lines were dropped: too many at once", std::exchange(dropped_, 0))};
        taken.push_back({line.level, base::formatted(line)});
    }
    return taken;
}

}  // namespace cicada::report
