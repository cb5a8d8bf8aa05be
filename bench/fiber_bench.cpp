// SPDX-License-Identifier: Apache-2.0
// Prices of the fiber runtime, one JSON object per line: {"name": ..., "value": ..., "unit": ...}.
// bench/run prints them beside their targets.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "cicada/sync.hpp"
#include "fiber/scheduler.hpp"
#include "idle_reader.hpp"

using namespace cicada;
using namespace std::chrono_literals;

namespace {

void report(const char* name, double value, const char* unit) {
    std::printf("{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\"}\n", name, value, unit);
}

/// CPU time of this thread, so that whatever else the machine does counts less.
double cpu_ns() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// A line of /proc/self/status, in KiB.
double status_kib(std::string_view key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key)) return std::strtod(line.c_str() + key.size() + 1, nullptr);
    }
    return 0;
}

template <class Measure>
double median_of(int runs, Measure measure) {
    std::vector<double> values;
    for (int i = 0; i < runs; ++i) values.push_back(measure());
    std::nth_element(values.begin(), values.begin() + runs / 2, values.end());
    return values[static_cast<std::size_t>(runs / 2)];
}

/// Two fibers that yield to each other; a switch is from one fiber to the next.
double switch_ns() {
    constexpr int kYields = 2'000'000;
    double ns = 0;
    fiber::Scheduler scheduler;
    scheduler.run([&] {
        const auto body = [] {
            for (int i = 0; i < kYields; ++i) fiber::yield();
        };
        const double start = cpu_ns();
        fiber::Handle one = fiber::start(body);
        fiber::Handle other = fiber::start(body);
        one.join();
        other.join();
        ns = (cpu_ns() - start) / (2.0 * kYields);
    });
    return ns;
}

double spawn_join_ns() {
    constexpr int kFibers = 500'000;
    double ns = 0;
    fiber::Scheduler scheduler;
    scheduler.run([&] {
        const double start = cpu_ns();
        for (int i = 0; i < kFibers; ++i) {
            fiber::Handle fiber = fiber::start([] {});
            fiber.join();
        }
        ns = (cpu_ns() - start) / kFibers;
    });
    return ns;
}

/// One timer set and rung while `sleepers` others wait.
double timer_ns(int sleepers) {
    constexpr int kTimers = 500'000;
    double ns = 0;
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([&] {
        std::vector<fiber::Handle> fibers;
        for (int i = 0; i < sleepers; ++i) {
            fibers.push_back(fiber::start([i] { fiber::sleep_for(1h + i * 1us); }));
        }
        fiber::yield();
        const double start = cpu_ns();
        for (int i = 0; i < kTimers; ++i) fiber::sleep_for(500us);
        ns = (cpu_ns() - start) / kTimers;
        if (sleepers >= 1'000'000) {
            report("sleepers.memory",
                   (status_kib("VmRSS") + status_kib("VmPTE")) / 1024 / 1024,
                   "GiB");
        }
        fibers.clear();
    });
    return ns;
}

/// Pairs that throw one item to and fro; fair if the slowest pair is not far behind the fastest.
void ping_pong() {
    constexpr int kPairs = 50'000;
    constexpr int kRounds = 20;
    std::vector<double> ended_at;
    double ns = 0;
    fiber::Scheduler scheduler;
    scheduler.run([&] {
        const double start = cpu_ns();
        std::vector<fiber::Handle> fibers;
        std::deque<Channel<int>> channels;
        for (int i = 0; i < kPairs; ++i) {
            Channel<int>& there = channels.emplace_back(1);
            Channel<int>& back = channels.emplace_back(1);
            fibers.push_back(fiber::start([&] {
                for (int round = 0; round < kRounds; ++round) {
                    there.send(round);
                    (void)back.receive();
                }
                ended_at.push_back((cpu_ns() - start));
            }));
            fibers.push_back(fiber::start([&] {
                for (int round = 0; round < kRounds; ++round) back.send(*there.receive());
            }));
        }
        for (fiber::Handle& fiber : fibers) fiber.join();
        ns = (cpu_ns() - start) / (2.0 * kPairs * kRounds);
    });
    report("ping_pong.handover", ns, "ns");
    report("ping_pong.last_over_median", ended_at.back() / ended_at[ended_at.size() / 2], "x");
}

}  // namespace

int main() {
    report("switch", median_of(5, switch_ns), "ns");
    report("spawn_join", median_of(5, spawn_join_ns), "ns");
    const double few = median_of(3, [] { return timer_ns(1'000); });
    report("timer.1000_sleepers", few, "ns");
    const double many = timer_ns(1'000'000);
    report("timer.1000000_sleepers", many, "ns");
    ping_pong();
    report("idle_reader.p99_over_without", idle_reader_p99_ratio(), "x");
}
