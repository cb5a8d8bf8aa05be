// SPDX-License-Identifier: Apache-2.0
#include "run/machine_watch.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace cicada::run {
namespace {

namespace fs = std::filesystem;

std::chrono::nanoseconds time_of_ticks(std::uint64_t ticks) {
    static const auto per_second = static_cast<double>(std::max(::sysconf(_SC_CLK_TCK), 1L));
    return std::chrono::nanoseconds(
        static_cast<std::int64_t>(static_cast<double>(ticks) / per_second * 1e9));
}

/// {nr_periods, nr_throttled} of a cgroup's cpu.stat.
std::pair<std::uint64_t, std::uint64_t> read_quota(const fs::path& file) {
    std::pair<std::uint64_t, std::uint64_t> found;
    std::ifstream lines(file);
    std::string word;
    std::uint64_t number = 0;
    while (lines >> word >> number) {
        if (word == "nr_periods") found.first = number;
        if (word == "nr_throttled") found.second = number;
    }
    return found;
}

// A counter that was set back says nothing.
std::uint64_t gained(std::uint64_t now, std::uint64_t before) {
    return now > before ? now - before : 0;
}

}  // namespace

MachineWatch::MachineWatch(fs::path root) : root_(std::move(root)), cpu_time_(cpu_time()) {
    find_quotas();
    for (Quota& quota : quotas_) {
        std::tie(quota.periods, quota.throttled) = read_quota(quota.file);
    }
}

MachineWatch::CpuTime MachineWatch::cpu_time() const {
    std::ifstream file(root_ / "proc/stat");
    std::string word;
    if (!(file >> word) || word != "cpu") return {};
    // user nice system idle iowait irq softirq steal; guests are in user already
    constexpr int kColumns = 8;
    CpuTime time;
    std::uint64_t ticks = 0;
    for (int column = 0; column < kColumns && file >> ticks; ++column) {
        time.all += ticks;
        if (column == kColumns - 1) time.stolen = ticks;
    }
    return time;
}

void MachineWatch::find_quotas() {
    std::ifstream lines(root_ / "proc/self/cgroup");
    const fs::path mounts = root_ / "sys/fs/cgroup";
    for (std::string line; std::getline(lines, line);) {
        // number:controllers:path; the second kind of cgroups names no controllers
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        std::istringstream names(controllers);
        bool has_cpu = controllers.empty();
        for (std::string name; std::getline(names, name, ',');) has_cpu |= name == "cpu";
        if (!has_cpu) continue;
        const fs::path mount = mounts / controllers;
        // Ours and those around it; in a container the outer ones are not to be seen.
        fs::path group = fs::path(line.substr(second + 1)).relative_path();
        while (true) {
            fs::path file = mount / group / "cpu.stat";
            std::error_code error;
            if (fs::exists(file, error)) quotas_.push_back({.file = std::move(file)});
            if (group.empty()) break;
            group = group.parent_path();
        }
    }
}

stats::MachineUse MachineWatch::look() {
    stats::MachineUse use;
    const CpuTime before = std::exchange(cpu_time_, cpu_time());
    use.cpu = time_of_ticks(gained(cpu_time_.all, before.all));
    use.stolen = time_of_ticks(gained(cpu_time_.stolen, before.stolen));
    for (Quota& quota : quotas_) {
        const auto [periods, throttled] = read_quota(quota.file);
        const std::uint64_t stopped = gained(throttled, std::exchange(quota.throttled, throttled));
        const std::uint64_t passed = gained(periods, std::exchange(quota.periods, periods));
        if (stopped < use.throttled_periods || passed == 0) continue;
        use.throttled_periods = stopped;
        use.quota_periods = std::max(passed, stopped);
    }
    return use;
}

}  // namespace cicada::run
