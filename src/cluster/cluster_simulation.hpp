// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cluster/dealer.hpp"
#include "cluster/simulated_worker.hpp"

namespace cicada::cluster {

struct SimulationOptions {
    std::size_t workers = 100;
    std::vector<std::string> classes{};  ///< of users, as the master's test has them
    DealerOptions master{};              ///< `id` is not used
    SimulatedLoad load{};
    std::chrono::nanoseconds join_over = std::chrono::seconds(5);  ///< all come within
};

/// How it went.
struct SimulationResult {
    std::size_t joined = 0;  ///< workers that had users, or were told to leave
    std::int64_t most_users = 0;
    std::uint64_t requests = 0;                  ///< reported by all
    std::chrono::nanoseconds longest_silence{};  ///< between two heartbeats of the master
    std::vector<std::string> failures{};         ///< why workers gave up, the first few
};

/// Many workers in one thread, for a master to be measured with: they speak the whole protocol,
/// and make up what they measure. Returns when all have been told to leave, or `stop` is set.
///
/// Error: base::Error when the master's address is none.
[[nodiscard]] SimulationResult simulate_workers(const SimulationOptions& options,
                                                const std::atomic<bool>& stop);

}  // namespace cicada::cluster
