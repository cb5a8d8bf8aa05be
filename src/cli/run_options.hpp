// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/log.hpp"
#include "cli/settings.hpp"
#include "fiber/scheduler.hpp"
#include "report/output.hpp"
#include "run/dry_run.hpp"
#include "run/local_run.hpp"

// What the settings mean to each of the modules that the program is put together from.
namespace cicada::cli {

[[nodiscard]] fiber::IoKind io_kind(const std::string& word);
[[nodiscard]] base::LogLevel log_level(const std::string& word);
[[nodiscard]] run::LocalRunOptions local_run_options(const Settings& settings,
                                                     const std::filesystem::path& test_folder);
[[nodiscard]] report::OutputOptions output_options(const Settings& settings);

/// Of a headless or autostarted run with so many user classes.
[[nodiscard]] run::Target first_target(const Settings& settings, std::size_t classes);

/// What --dry-run follows.
[[nodiscard]] run::DryRunOptions dry_run_options(const Settings& settings, std::size_t classes);

/// What nobody could send anything to is refused before there is any load. Error: base::Error, one
/// line for each host.
void expect_hosts(const Settings& settings, const std::vector<const user::Declaration*>& classes);

/// What to say to who gives users to a test that brings its own.
[[nodiscard]] std::optional<std::string> warning_of_ignored_load(const Settings& settings);

/// No page: as asked for, or because one URL is tested.
[[nodiscard]] bool is_headless(const Settings& settings);

/// What the test asked for, else a test given up, an invalid run if that is asked for, a missed
/// threshold; where there are none, failures; a listener that threw, a suspect run if asked for.
/// Source: Locust, main.py, for those it has.
[[nodiscard]] int exit_code_of(const run::Outcome& outcome, const Settings& settings);

}  // namespace cicada::cli
