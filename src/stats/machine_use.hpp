// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace cicada::stats {

/// What the generator's machine did to it, or did not give it. Sums: they add up over seconds and
/// over nodes.
struct MachineUse {
    std::chrono::nanoseconds cpu{};     ///< that there was, of all CPUs
    std::chrono::nanoseconds stolen{};  ///< of it, what the hypervisor gave to others
    std::uint64_t quota_periods = 0;    ///< of the cgroup's CPU quota; 0: there is none
    std::uint64_t throttled_periods = 0;
    std::chrono::nanoseconds held{};  ///< one fiber kept the engine from all others, for too long
    std::chrono::nanoseconds longest_hold{};

    void add(const MachineUse& more) {
        cpu += more.cpu;
        stolen += more.stolen;
        quota_periods += more.quota_periods;
        throttled_periods += more.throttled_periods;
        held += more.held;
        longest_hold = std::max(longest_hold, more.longest_hold);
    }
};

/// Connections that could not be made for want of something of our own.
struct Shortages {
    std::uint64_t descriptors = 0;  ///< open files
    std::uint64_t ports = 0;        ///< local ones to the address

    void add(const Shortages& more) {
        descriptors += more.descriptors;
        ports += more.ports;
    }
    [[nodiscard]] bool any() const { return descriptors + ports > 0; }
};

}  // namespace cicada::stats
