// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.hpp"

namespace cicada::report {

/// A line of the log on its way to the output thread, with its time already in it.
struct QueuedLine {
    base::LogLevel level{};
    std::string text;
};

/// Log lines from all threads; whoever logs never waits for the console.
///
/// Threads: push() any, the rest the output thread's.
class LogQueue {
public:
    static constexpr std::size_t kMostLines = 10'000;  ///< further ones are dropped and counted

    LogQueue();
    LogQueue(const LogQueue&) = delete;
    LogQueue& operator=(const LogQueue&) = delete;
    ~LogQueue();

    void push(const base::LogLine& line);

    /// Wakes whoever polls descriptor().
    void wake();

    /// All lines so far; the last tells how many were dropped, if any.
    [[nodiscard]] std::vector<QueuedLine> take();

    /// An eventfd, readable from push() or wake() to take().
    [[nodiscard]] int descriptor() const { return event_; }

private:
    int event_;
    std::mutex mutex_;
    std::vector<QueuedLine> lines_;  // guarded by mutex_
    std::uint64_t dropped_ = 0;      // guarded by mutex_
};

}  // namespace cicada::report
