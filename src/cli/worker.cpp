// SPDX-License-Identifier: Apache-2.0
#include "cli/worker.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "cli/cluster_secret.hpp"
#include "cli/master_settings.hpp"
#include "cli/run_options.hpp"
#include "cluster/test_of_master.hpp"
#include "cluster/worker_run.hpp"
#include "report/output.hpp"
#include "run/test_classes.hpp"
#include "user/registry.hpp"

namespace cicada::cli {
namespace {

using base::LogLevel;

cluster::WorkerRunOptions worker_options(const Settings& settings,
                                         const std::vector<const user::Declaration*>& classes,
                                         const std::filesystem::path& folder) {
    const run::LocalRunOptions local = local_run_options(settings, folder);
    cluster::WorkerRunOptions options;
    options.scheduler = local.scheduler;
    options.engine = local.engine;
    const auto from_master = std::make_shared<MasterSettings>(settings, user::registry());
    options.engine.take_settings = [from_master](const auto& said) {
        return from_master->take(said);
    };
    options.worker.version = CICADA_VERSION;
    options.worker.processors = std::max(1U, std::thread::hardware_concurrency());
    options.worker.lost_after = settings.master_lost_after;
    options.worker.shared_things = shared_things(settings, user::registry(), classes);
    options.worker.local_limits = settings.local_limits;
    options.worker.reset_when_spawned = settings.reset_stats;
    options.master.host = settings.master_host;
    options.master.port = static_cast<std::uint16_t>(settings.master_port);
    options.master.keys = cluster_keys(settings.cluster_secret);
    return options;
}

/// A worker shows its log; tables and files are the master's.
report::OutputOptions quiet_output(const Settings& settings) {
    report::OutputOptions options;
    options.log_only = true;
    if (!settings.skip_log_setup) options.log_file = settings.log_file;
    return options;
}

}  // namespace

scenario::LoadedTest test_of_master(const Settings& settings) {
    if (!settings.worker) {
        throw base::Error("argument -f -: only a worker (--worker) gets its test from a master",
                          base::ExitCode::BadArguments);
    }
    return cluster::fetch_and_load({.host = settings.master_host,
                                    .port = static_cast<std::uint16_t>(settings.master_port),
                                    .keys = cluster_keys(settings.cluster_secret)},
                                   CICADA_VERSION);
}

int run_worker(const Settings& settings,
               const std::vector<const user::Declaration*>& classes,
               const std::filesystem::path& folder,
               cluster::ChildProcess* child,
               Signals& signals) {
    cluster::WorkerRunOptions options = worker_options(settings, classes, folder);
    options.on_finished = [&signals] { signals.wake(); };
    if (child != nullptr) options.worker.journal = &child->journal();
    report::OutputOptions shown = quiet_output(settings);
    shown.log_copy = [tail = options.log](const base::LogLine& line) { tail->add(line); };
    cluster::WorkerRun run(run::test_classes(classes), std::move(options));
    report::Output output(run, shown);
    output.start();
    base::log(LogLevel::Info,
              "Worker of the master at {}:{}",
              settings.master_host,
              settings.master_port);
    signals.be_graceful();
    signals.wait();
    if (signals.asked_to_end()) {
        base::log(LogLevel::Info, "Got a signal, stopping; another one ends the program at once");
        run.quit();
    }
    run.wait_until_finished();
    const int exit_code = run.exit_code();
    base::log(LogLevel::Info, "Shutting down (exit code {})", exit_code);
    output.finish();
    run.end(exit_code);
    return exit_code;
}

}  // namespace cicada::cli
