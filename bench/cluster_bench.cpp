// SPDX-License-Identifier: Apache-2.0
// What a master pays for its workers' messages: CPU time for each of them, on one thread.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/clock.hpp"
#include "cluster/codec.hpp"
#include "cluster/test_messages.hpp"
#include "stats/totals.hpp"

namespace cicada::cluster {
namespace {

constexpr int kNames = 200;
constexpr int kBuckets = 40;

// Microseconds of CPU for one call of `work`, from many.
template <class Work>
double cost_us(int calls, Work work) {
    work();
    const auto before = base::thread_cpu_time();
    for (int i = 0; i < calls; ++i) work();
    const std::chrono::duration<double, std::micro> used = base::thread_cpu_time() - before;
    return used.count() / calls;
}

void show(const char* what, double us) {
    fmt::print("{:<60} {:8.1f} us\n", what, us);
}

void measure() {
    const FromWorker report = full_report(1, kNames, kBuckets);
    const FromWorker stats = from_worker::LocustStats{
        .delta = full_delta(1, kNames, kBuckets), .since = some_time(0), .user_count = 1};
    const FromWorker heartbeat = from_worker::Heartbeat{
        .state = run::State::Running, .memory_bytes = 1, .beat = Beat{.life = 1}};
    const std::string report_bytes = encode(report, "host_1");
    const std::string stats_bytes = encode(stats, "host_1");
    const std::string heartbeat_bytes = encode(heartbeat, "host_1");
    fmt::print("{} names of {} buckets: {} bytes; as Locust sends them: {} bytes\n",
               kNames,
               kBuckets,
               report_bytes.size(),
               stats_bytes.size());
    Decoder decoder;
    constexpr int kMany = 2'000;
    show("report: write it", cost_us(kMany, [&] { (void)encode(report, "host_1"); }));
    show("report: read it", cost_us(kMany, [&] { (void)decoder.from_worker(report_bytes); }));
    stats::Totals totals(some_time(0));
    show("report: read it, merge it", cost_us(kMany, [&] {
             auto read = decoder.from_worker(report_bytes);
             totals.merge(std::move(std::get<from_worker::Report>(read->message).report.delta));
         }));
    show("Locust's stats: read them",
         cost_us(kMany, [&] { (void)decoder.from_worker(stats_bytes); }));
    show("heartbeat: read it",
         cost_us(100 * kMany, [&] { (void)decoder.from_worker(heartbeat_bytes); }));
    const FromMaster answer = from_master::Heartbeat{.beat = Beat{.life = 1}};
    show("heartbeat: write the answer",
         cost_us(100 * kMany, [&] { (void)encode(answer, "host_1"); }));
}

}  // namespace
}  // namespace cicada::cluster

int main() {
    cicada::cluster::measure();
}
