// SPDX-License-Identifier: Apache-2.0
#include "cli/processes.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "user/registry.hpp"

namespace cicada::cli {
namespace {

using base::LogLevel;

constexpr std::chrono::seconds kLastWords{10};  // of workers that were told to end

cluster::ProcessOptions process_options(const Settings& settings,
                                        const std::vector<std::string>& arguments) {
    cluster::ProcessOptions options;
    options.count = process_count(settings);
    options.arguments = arguments;
    options.pinned = settings.pin_processes;
    return options;
}

bool is_task(const std::string& label) {
    const auto has = [&label](const auto& declarations) {
        return std::ranges::any_of(declarations, [&label](const auto& one) {
            return std::ranges::any_of(
                one->tasks, [&label](const user::Task& task) { return task.label == label; });
        });
    };
    return has(user::registry().declarations()) || has(user::registry().task_sets());
}

}  // namespace

std::size_t process_count(const Settings& settings) {
    const std::int64_t wanted = settings.processes.value_or(0);
    return wanted == -1 ? cluster::processors() : static_cast<std::size_t>(wanted);
}

void become_parent(Settings& settings) {
    if (settings.worker) return;
    settings.master = true;
    if (!settings.master_bind_host && !settings.master_bind_port) {
        settings.master_bind_host = "127.0.0.1";
        settings.master_bind_port = 0;
    }
    settings.expect_workers =
        std::max(settings.expect_workers, static_cast<std::int64_t>(process_count(settings)));
}

void become_child(Settings& settings, const cluster::ProcessPlace& place) {
    settings.processes.reset();
    settings.master = false;
    settings.worker = true;
    if (place.master_port != 0) {
        settings.master_host = "127.0.0.1";
        settings.master_port = place.master_port;
    }
    settings.headless = false;
    settings.autostart = false;
    settings.run_time.reset();
    settings.csv_prefix.reset();
    settings.json = false;
    settings.json_file.reset();
    settings.junit_file.reset();
    settings.log_file.reset();
}

std::unique_ptr<cluster::LocalWorkers> start_workers(const Settings& settings,
                                                     const std::vector<std::string>& arguments,
                                                     cluster::MasterRun& master) {
    cluster::LocalWorkersOptions options;
    options.processes = process_options(settings, arguments);
    options.processes.master_port = master.port();
    options.on_crash =
        settings.on_crash == "stop" ? cluster::OnCrash::Stop : cluster::OnCrash::Disable;
    options.is_task = is_task;
    options.master = {
        .close_reports =
            [&master](const std::string& id, std::uint64_t incarnation) {
                return master.close_reports(id, incarnation);
            },
        .take_last_words =
            [&master](const std::string& id, std::uint64_t incarnation, run::EngineReport report) {
                master.take_last_words(id, incarnation, std::move(report));
            },
        .disable_task = [&master](const std::string& task) { master.disable_task(task); },
        .stop_for_crash = [&master](const std::string& why) { master.stop_for_crash(why); },
        .quitting = [&master] { return master.quitting(); }};
    base::log(LogLevel::Info, "Starting {} worker processes", options.processes.count);
    return std::make_unique<cluster::LocalWorkers>(std::move(options));
}

void end(cluster::LocalWorkers& workers) {
    const std::size_t forced = workers.end(kLastWords);
    if (forced == 0) return;
    base::log(LogLevel::Warning,
              "{} worker process{} had to be ended by a signal",
              forced,
              forced == 1 ? "" : "es");
}

int run_workers(const Settings& settings,
                const std::vector<std::string>& arguments,
                Signals& signals) {
    std::atomic<std::size_t> running = process_count(settings);
    std::atomic<int> worst = 0;
    std::atomic<bool> ending = false;
    cluster::CrashPolicy policy(process_count(settings),
                                cluster::OnCrash::Disable,
                                [](const std::string&) { return false; });
    cluster::ProcessOptions options = process_options(settings, arguments);
    options.on_death = [&](const cluster::ProcessDeath& death) -> std::optional<nanoseconds> {
        if (death.signal != 0 && !ending) {
            base::log(LogLevel::Error,
                      "worker process {} (pid {}) {}",
                      death.process + 1,
                      death.pid,
                      death.text());
            const auto consequence = policy.on_death(death.process, "");
            if (consequence.restart_after) return consequence.restart_after;
        }
        worst = std::max<int>(worst, death.signal != 0 ? 128 + death.signal : death.exit_code);
        if (--running == 0) signals.wake();
        return std::nullopt;
    };
    base::log(LogLevel::Info, "Starting {} worker processes", options.count);
    cluster::Processes processes(std::move(options));
    signals.be_graceful();
    signals.wait();
    ending = true;
    const bool asked = signals.asked_to_end();
    processes.end(asked ? std::chrono::seconds(0) : kLastWords);
    return worst;
}

}  // namespace cicada::cli
