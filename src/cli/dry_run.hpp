// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "cli/settings.hpp"
#include "cli/signals.hpp"

namespace cicada::cli {

/// `--dry-run`: shows what the load would be. Returns the exit code.
int show_dry_run(const Settings& settings);

/// `--dry-run=tasks`: runs the test in virtual time and reports it as any other, marked. Returns
/// the exit code. Error: base::Error when nothing ends the test, or the answers cannot be read.
int dry_run_tasks(const Settings& settings, const std::filesystem::path& folder, Signals& signals);

}  // namespace cicada::cli
