// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "stats/machine_use.hpp"

namespace cicada::run {

/// Sees what the machine gives to this process and what it takes away: CPU time stolen by other
/// virtual machines, and the periods in which a CPU quota stopped us.
///
/// Reads the kernel's counters in /proc and /sys, which are no files on a disk. What cannot be read
/// counts as none. Both kinds of cgroups are understood; of ours and those it lies in, the one that
/// was stopped most counts.
class MachineWatch {
public:
    static constexpr std::chrono::milliseconds kPeriod{500};

    /// `root`: where proc and sys lie; another one in tests.
    explicit MachineWatch(std::filesystem::path root = "/");

    /// Since the last call.
    [[nodiscard]] stats::MachineUse look();

private:
    struct CpuTime {
        std::uint64_t all = 0;  // in ticks
        std::uint64_t stolen = 0;
    };
    struct Quota {
        std::filesystem::path file;
        std::uint64_t periods = 0;
        std::uint64_t throttled = 0;
    };

    [[nodiscard]] CpuTime cpu_time() const;
    void find_quotas();

    std::filesystem::path root_;
    CpuTime cpu_time_;
    std::vector<Quota> quotas_;
};

}  // namespace cicada::run
