// SPDX-License-Identifier: Apache-2.0
#include "cluster/log_tail.hpp"

#include <algorithm>
#include <utility>

namespace cicada::cluster {

void LogTail::add(const base::LogLine& line) {
    std::string text = base::formatted(line);
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(text));
    if (lines_.size() > kMostLines) lines_.pop_front();
    last_ += 1;
}

LogTail::Lines LogTail::after(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const std::uint64_t before_first = last_ - lines_.size();
    const auto skipped =
        static_cast<std::ptrdiff_t>(std::clamp(number, before_first, last_) - before_first);
    return {.first = before_first + static_cast<std::uint64_t>(skipped) + 1,
            .lines = {lines_.begin() + skipped, lines_.end()}};
}

std::uint64_t LogTail::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

}  // namespace cicada::cluster
