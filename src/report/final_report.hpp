// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/output.hpp"
#include "report/tables.hpp"
#include "run/dry_run.hpp"
#include "run/snapshot.hpp"

namespace cicada::report {

/// The tables of a run that has ended, part by part, none empty. `columns`: as Console::columns().
[[nodiscard]] std::vector<Lines> final_tables(const run::Snapshot& last, std::size_t columns);

/// What has become of the files that are written once.
struct FinalFiles {
    bool json = false;                      ///< it is there, and stands for the tables
    std::vector<std::string> complaints{};  ///< a line for each that could not be written
};

/// Writes those of --junit and --json-file.
[[nodiscard]] FinalFiles write_final_files(const run::Snapshot& last, const OutputOptions& options);

/// Shows and writes all there is of a run in virtual time, marked as such: the course and the
/// tables on stderr, JSON on stdout, files; a history in CSV has one row, that of the end.
void report_dry_run(const run::DryRun& course,
                    const run::Snapshot& last,
                    const OutputOptions& options);

}  // namespace cicada::report
