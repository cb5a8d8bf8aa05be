// SPDX-License-Identifier: Apache-2.0
#include "cluster/local_workers.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/time_span.hpp"

namespace cicada::cluster {
namespace {

using base::log;
using base::LogLevel;

constexpr std::size_t kShownFrames = 5;  // of a stack, in the log

ProcessOptions with_death(
    ProcessOptions options,
    std::function<std::optional<std::chrono::nanoseconds>(const ProcessDeath&)> on_death) {
    options.on_death = std::move(on_death);
    return options;
}

void say(const ProcessDeath& death, const std::optional<Crash>& crash) {
    const std::string where = crash && !crash->task.empty() ? " in task '" + crash->task + "'" : "";
    log(LogLevel::Error,
        "worker process {} (pid {}) {}{}",
        death.process + 1,
        death.pid,
        death.text(),
        where);
    if (!crash) return;
    if (!crash->cause.empty()) log(LogLevel::Error, "    {}", crash->cause);
    for (std::size_t i = 0; i < crash->stack.size() && i < kShownFrames; ++i) {
        log(LogLevel::Error, "    at {}", crash->stack[i]);
    }
    if (crash->stack.size() > kShownFrames) {
        log(LogLevel::Error, "    and {} more", crash->stack.size() - kShownFrames);
    }
}

/// A row among what tasks threw, so that no report passes over it.
stats::ExceptionCount exception_of(const ProcessDeath& death, const std::optional<Crash>& crash) {
    return {.type = "crash of a worker process",
            .text = crash && !crash->cause.empty() ? crash->cause : death.text(),
            .where = crash ? crash->task : std::string(),
            .count = 1};
}

}  // namespace

LocalWorkers::LocalWorkers(LocalWorkersOptions options)
    : options_(std::move(options)),
      policy_(options_.processes.count, options_.on_crash, options_.is_task),
      processes_(with_death(options_.processes,
                            [this](const ProcessDeath& death) { return on_death(death); })) {}

std::optional<std::chrono::nanoseconds> LocalWorkers::on_death(const ProcessDeath& death) {
    const std::optional<Crash> crash = bring_last_words(death);
    const bool by_itself = death.signal == 0 && death.exit_code == 0;
    if (by_itself && options_.master.quitting()) return std::nullopt;
    say(death, crash);
    if (options_.master.quitting()) return std::nullopt;
    const Consequence consequence =
        policy_.on_death(death.process, crash ? crash->task : std::string());
    follow(consequence, death.process);
    return consequence.restart_after;
}

std::optional<Crash> LocalWorkers::bring_last_words(const ProcessDeath& death) {
    // Who it is stands in the journal; only the master knows what of it has arrived.
    auto reading = read_journal(death.journal.bytes(), 0);
    if (!reading) return std::nullopt;
    if (reading->incarnation == 0) return reading->crash;
    const MasterCalls& master = options_.master;
    const std::uint64_t last = master.close_reports(reading->node_id, reading->incarnation);
    if (last != 0) reading = read_journal(death.journal.bytes(), last);
    if (!reading->whole) {
        log(LogLevel::Warning,
            "part of what worker process {} has recorded cannot be read, and is not counted",
            death.process + 1);
    }
    if (const std::uint64_t uncertain = reading->report.delta.uncertain_exchanges; uncertain > 0) {
        log(LogLevel::Warning,
            "worker process {} had {} exchange{} on the wire or not recorded yet, which may have "
            "reached the server",
            death.process + 1,
            uncertain,
            uncertain == 1 ? "" : "s");
    }
    reading->report.delta.exceptions.push_back(exception_of(death, reading->crash));
    master.take_last_words(reading->node_id, reading->incarnation, std::move(reading->report));
    return reading->crash;
}

void LocalWorkers::follow(const Consequence& consequence, std::size_t process) {
    if (consequence.disable) {
        log(LogLevel::Error,
            "task '{}' has crashed {} worker processes: it is disabled for the rest of the run",
            *consequence.disable,
            CrashPolicy::kMostCrashes);
        options_.master.disable_task(*consequence.disable);
    }
    if (consequence.stop) {
        log(LogLevel::Error, "{}: the run ends", *consequence.stop);
        options_.master.stop_for_crash(*consequence.stop);
    } else if (consequence.restart_after) {
        log(LogLevel::Warning,
            "worker process {} is started again in {} ({} of {} times)",
            process + 1,
            base::format_time_span(*consequence.restart_after),
            consequence.restart,
            CrashPolicy::kMostRestarts);
    } else {
        log(LogLevel::Error,
            "worker process {} is not started again: it was {} times",
            process + 1,
            CrashPolicy::kMostRestarts);
    }
}

}  // namespace cicada::cluster
