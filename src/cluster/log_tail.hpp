// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.hpp"

namespace cicada::cluster {

/// The last lines of a node's log, for its master. Threads: any.
class LogTail {
public:
    static constexpr std::size_t kMostLines = 500;  ///< Source: Locust, log.py, LogReader

    struct Lines {
        std::uint64_t first = 1;  ///< number of the first one, from 1
        std::vector<std::string> lines{};

        [[nodiscard]] std::uint64_t last() const { return first + lines.size() - 1; }
    };

    void add(const base::LogLine& line);

    /// Those after the line of that number that are still there; 0: all.
    [[nodiscard]] Lines after(std::uint64_t number) const;

    [[nodiscard]] std::uint64_t last() const;  ///< number of the last one; 0: none yet

private:
    mutable std::mutex mutex_;  ///< of the rest
    std::deque<std::string> lines_;
    std::uint64_t last_ = 0;
};

}  // namespace cicada::cluster
