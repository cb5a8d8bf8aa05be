// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster_sim.hpp"

#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <cstdint>

#include "base/error.hpp"
#include "cli/cluster_secret.hpp"
#include "cli/command_line.hpp"
#include "cli/help.hpp"
#include "cli/option_table.hpp"
#include "cluster/cluster_simulation.hpp"
#include "run/resources.hpp"

namespace cicada::cli {
namespace {

using base::Error;
using base::ExitCode;

constexpr const char* kUsage = "Usage: cicada cluster-sim --classes CLASS... [options]\n";

std::atomic<bool> asked_to_end{false};

void ask_to_end(int) {
    asked_to_end = true;
}

// Each worker has a connection and a few descriptors of ZeroMQ.
void expect_open_files(std::int64_t workers) {
    constexpr std::uint64_t kEach = 4;
    const run::Resources resources = run::claim_resources();
    const std::uint64_t wanted =
        resources.descriptors_used + static_cast<std::uint64_t>(workers) * kEach;
    if (wanted <= resources.descriptors) return;
    throw Error(fmt::format("{} workers need {} open files; the limit is {} (ulimit -n)",
                            workers,
                            wanted,
                            resources.descriptors));
}

cluster::SimulationOptions options_of(const SimulationSettings& settings) {
    if (settings.classes.empty()) {
        throw Error("argument --classes: name the user classes of the master's test",
                    ExitCode::BadArguments);
    }
    cluster::SimulationOptions options;
    options.workers = static_cast<std::size_t>(settings.workers);
    options.classes = settings.classes;
    options.master.host = settings.master_host;
    options.master.port = static_cast<std::uint16_t>(settings.master_port);
    options.master.keys = cluster_keys(settings.cluster_secret);
    options.load.names = static_cast<std::size_t>(settings.names);
    options.load.buckets = static_cast<std::size_t>(settings.buckets);
    options.load.period = settings.report_every;
    options.join_over = settings.join_over;
    return options;
}

}  // namespace

int simulate_cluster(const std::vector<std::string>& arguments) {
    const SimulationSettings settings = parse_simulation_command_line(arguments);
    if (settings.help) {
        SimulationSettings defaults;
        fmt::print("{}", help_text(kUsage, option_table(defaults)));
        return 0;
    }
    const cluster::SimulationOptions options = options_of(settings);
    expect_open_files(settings.workers);
    std::signal(SIGINT, ask_to_end);
    std::signal(SIGTERM, ask_to_end);
    const cluster::SimulationResult result = cluster::simulate_workers(options, asked_to_end);
    fmt::print(
        "{} of {} workers had users, {} at most; {} requests reported; "
        "the longest time without a heartbeat of the master: {:.0f} ms\n",
        result.joined,
        options.workers,
        result.most_users,
        result.requests,
        std::chrono::duration<double, std::milli>(result.longest_silence).count());
    for (const std::string& failure : result.failures) fmt::print(stderr, "{}\n", failure);
    return result.failures.empty() ? 0 : 1;
}

}  // namespace cicada::cli
