// SPDX-License-Identifier: Apache-2.0
#include "run/usage_monitor.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace cicada::run {
namespace {

using std::chrono::nanoseconds;

nanoseconds length_of(const ::timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

nanoseconds cpu_of_process() {
    ::rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return length_of(usage.ru_utime) + length_of(usage.ru_stime);
}

std::int64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::int64_t pages = 0;
    file >> pages >> pages;  // all of it, then what is resident
    return pages * ::sysconf(_SC_PAGESIZE);
}

double percent(nanoseconds part, nanoseconds whole) {
    if (whole <= nanoseconds{}) return 0;
    return 100.0 * static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

}  // namespace

UsageMonitor::UsageMonitor(base::TimePoint now, nanoseconds engine_busy)
    : since_(now), engine_before_(engine_busy), process_before_(cpu_of_process()) {}

Usage UsageMonitor::look(base::TimePoint now, nanoseconds engine_busy) {
    const nanoseconds wall = now - std::exchange(since_, now);
    const nanoseconds process = cpu_of_process();
    const nanoseconds used = process - std::exchange(process_before_, process);
    const nanoseconds engine = engine_busy - std::exchange(engine_before_, engine_busy);
    return {.process_percent = percent(used, wall),
            .engine_percent = std::min(percent(engine, wall), 100.0),
            .resident_bytes = resident_bytes()};
}

}  // namespace cicada::run
