// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "cli/settings.hpp"
#include "cli/signals.hpp"
#include "cluster/process_place.hpp"
#include "scenario/scenario.hpp"
#include "user/declaration.hpp"

namespace cicada::cli {

/// `-f -`: asks the master for its test, and loads it. Error: base::Error, as fetch_and_load();
/// this is no worker.
scenario::LoadedTest test_of_master(const Settings& settings);

/// `--worker`: runs users for a master until it or a signal ends the program; returns the exit
/// code. `child`: what its parent has to say, if that is this program; else null.
/// Error: base::Error, as WorkerRun.
int run_worker(const Settings& settings,
               const std::vector<const user::Declaration*>& classes,
               const std::filesystem::path& folder,
               cluster::ChildProcess* child,
               Signals& signals);

}  // namespace cicada::cli
