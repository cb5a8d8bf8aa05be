// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "run/snapshot.hpp"

namespace cicada::report {

/// One row in Python's csv dialect: comma, a field quoted only where it must be, \r\n.
[[nodiscard]] std::string csv_row(const std::vector<std::string>& fields);

// The contents of the four files. Source of the columns: Locust, stats.py, StatsCSV.
[[nodiscard]] std::string stats_csv(const stats::Totals& totals);
[[nodiscard]] std::string failures_csv(const stats::Totals& totals);
[[nodiscard]] std::string exceptions_csv(const stats::Totals& totals);
[[nodiscard]] std::string history_csv_header();

enum class HistoryRows : std::uint8_t { Aggregated, All };  ///< All: --csv-full-history

/// The rows of one second.
[[nodiscard]] std::string history_csv_rows(const run::Snapshot& snapshot,
                                           base::WallTime now,
                                           HistoryRows rows);

/// The files of --csv PREFIX.
///
/// Those of metrics and thresholds are there if the test has any. Whenever the program is killed,
/// each holds whole rows: all but one are written to a temporary name and renamed, the history is
/// appended to by one write of whole rows each second.
class CsvFiles {
public:
    CsvFiles(std::string prefix, HistoryRows rows);
    CsvFiles(const CsvFiles&) = delete;
    CsvFiles& operator=(const CsvFiles&) = delete;
    ~CsvFiles();

    /// Makes the folders and the history file, empty but for its header.
    [[nodiscard]] base::Result<void> create();

    /// Error: names the first file that could not be written, and why; the others are written.
    [[nodiscard]] base::Result<void> update(const run::Snapshot& snapshot, base::WallTime now);

private:
    [[nodiscard]] base::Result<void> append_history(const std::string& rows);

    std::string prefix_;
    HistoryRows rows_;
    int history_ = -1;
    base::WallTime next_row_{};  // each row of the history has a second of its own
};

}  // namespace cicada::report
