// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "run/control.hpp"

namespace cicada::report {

/// Which outputs there are. The comments name the options they come from.
struct OutputOptions {
    bool tables = true;                       ///< while running: --headless or --print-stats
    bool only_summary = false;                ///< --only-summary: no tables while running
    std::optional<std::string> csv_prefix{};  ///< --csv
    bool csv_full_history = false;            ///< --csv-full-history
    bool json = false;                        ///< --json, on stdout at the end
    std::optional<std::string> json_file{};   ///< --json-file X: X.json, and no tables at the end
    std::optional<std::string> junit_file{};  ///< --junit
    std::optional<std::string> log_file{};    ///< --logfile: log lines go there, tables do not
    bool log_only = false;                    ///< of a worker: neither tables nor keys

    /// Is given each line of the log too, on the thread that logs.
    std::function<void(const base::LogLine&)> log_copy{};
};

/// Console and files of a run, on a thread of their own.
///
/// From start() to finish() it owns the terminal: log lines come to it (base::set_log_writer), and
/// where a live table is drawn, whatever the program prints to stdout and stderr is shown above
/// it. Nothing it meets (a paused terminal, a full disk, a closed pipe) stops the run or is an
/// error: it costs one line of the log.
///
/// Threads: start() and finish() on one; log lines from any.
class Output {
public:
    /// Shape: `run` outlives this.
    Output(run::RunControl& run, const OutputOptions& options);
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output();

    /// What Enter opens. Before start().
    void show_page_at(const std::string& url);

    /// Creates the files' folders, takes over the terminal and begins to show the run.
    void start();

    /// Once the run has ended: writes files, JSON and final tables from its last snapshot and gives
    /// the terminal back. Waits at most 10 s for a terminal that takes nothing.
    void finish();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;  // shared with its thread, which may have to be left behind
};

}  // namespace cicada::report
