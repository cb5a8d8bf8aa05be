// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cli/settings.hpp"
#include "cli/signals.hpp"
#include "cluster/local_workers.hpp"
#include "cluster/master_run.hpp"
#include "cluster/process_place.hpp"

namespace cicada::cli {

/// How many worker processes are wanted; 0: none, this process runs the users.
[[nodiscard]] std::size_t process_count(const Settings& settings);

/// What --processes means for the process that is told so: it is the master, unless a worker.
void become_parent(Settings& settings);

/// What the options of a parent mean to the worker process that it has started with the same ones:
/// the master's affairs (page, files, run time, goals) are none of its own.
void become_child(Settings& settings, const cluster::ProcessPlace& place);

/// The worker processes of `master`, which outlives them. `arguments`: the program's own.
[[nodiscard]] std::unique_ptr<cluster::LocalWorkers> start_workers(
    const Settings& settings,
    const std::vector<std::string>& arguments,
    cluster::MasterRun& master);

/// The run has ended: so do they.
void end(cluster::LocalWorkers& workers);

/// --worker --processes: worker processes for a master elsewhere, until all have ended or a signal
/// comes. Returns the highest exit code of theirs.
[[nodiscard]] int run_workers(const Settings& settings,
                              const std::vector<std::string>& arguments,
                              Signals& signals);

}  // namespace cicada::cli
