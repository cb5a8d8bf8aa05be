// SPDX-License-Identifier: Apache-2.0
#include "run/resources.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/log.hpp"

namespace cicada::run {
namespace {

constexpr std::uint64_t kPlenty = std::numeric_limits<std::uint32_t>::max();

// Our own: log, CSV files, event loop, web server, and a test's own files.
constexpr std::uint64_t kReserved = 32;

std::uint64_t raised_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kPlenty;
    if (limit.rlim_cur < limit.rlim_max) {
        const rlimit raised{limit.rlim_max, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
            limit = raised;
        } else {
            base::log(base::LogLevel::Warning,
                      "cannot raise the limit of open files from {} to {}",
                      limit.rlim_cur,
                      limit.rlim_max);
        }
    }
    return std::min<std::uint64_t>(limit.rlim_cur, kPlenty);
}

std::uint64_t open_descriptors() {
    std::error_code error;
    std::uint64_t count = 0;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
         !error && entry != end;
         entry.increment(error)) {
        ++count;
    }
    return count;
}

}  // namespace

std::uint64_t Resources::ports() const {
    return last_port < first_port ? 0 : std::uint64_t{last_port} - first_port + 1;
}

Resources claim_resources() {
    Resources resources;
    resources.descriptors = raised_descriptor_limit();
    resources.descriptors_used = open_descriptors();
    std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
    if (!(range >> resources.first_port >> resources.last_port)) {
        resources.first_port = 1;
        resources.last_port = 65'535;
    }
    return resources;
}

std::vector<std::string> shortages(const Resources& resources, const MostUsers& users) {
    std::vector<std::string> lines;
    const auto wanted = static_cast<std::uint64_t>(users.asked_for + users.of_arrivals);
    const std::string who =
        users.of_arrivals == 0
            ? fmt::format("{} users", wanted)
            : fmt::format(
                  "{} users, {} of them of arrivals (.max_users),", wanted, users.of_arrivals);
    const std::uint64_t taken = resources.descriptors_used + kReserved;
    if (wanted + taken > resources.descriptors) {
        const std::uint64_t left = resources.descriptors - std::min(resources.descriptors, taken);
        lines.push_back(fmt::format(
            "{} with a connection each and {} other descriptors need {}, but this process may open "
            "{} (ulimit -n): from about {} users on, connections will fail",
            who,
            taken,
            wanted + taken,
            resources.descriptors,
            left));
    }
    if (wanted > resources.ports()) {
        lines.push_back(fmt::format(
            "{} with a connection each to one address need {} local ports, but there are {} "
            "({}-{}, net.ipv4.ip_local_port_range): beyond, connections will fail unless the "
            "target has several addresses",
            who,
            wanted,
            resources.ports(),
            resources.first_port,
            resources.last_port));
    }
    return lines;
}

}  // namespace cicada::run
