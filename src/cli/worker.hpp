// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "cli/settings.hpp"
#include "cli/signals.hpp"
#include "user/declaration.hpp"

namespace cicada::cli {

/// `--worker`: runs users for a master until it or a signal ends the program; returns the exit
/// code. Error: base::Error, as WorkerRun.
int run_worker(const Settings& settings,
               const std::vector<const user::Declaration*>& classes,
               const std::filesystem::path& folder,
               Signals& signals);

}  // namespace cicada::cli
