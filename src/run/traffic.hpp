// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace cicada::run {

/// Exchanges of an engine since its process started. Those begun and not finished are what a death
/// of the process leaves uncertain.
///
/// Threads: the engine writes, any may read. May lie in memory that outlives the process.
struct Traffic {
    std::atomic<std::uint64_t> begun{0};     ///< handed to a connection
    std::atomic<std::uint64_t> finished{0};  ///< of them, recorded or reported as aborted
};

}  // namespace cicada::run
