// SPDX-License-Identifier: Apache-2.0
#include "report/final_report.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/log.hpp"
#include "report/console.hpp"
#include "report/csv_files.hpp"
#include "report/files.hpp"
#include "report/json_entries.hpp"
#include "report/junit.hpp"
#include "report/limit_report.hpp"
#include "report/measures.hpp"
#include "report/timeline.hpp"
#include "report/verdict.hpp"

namespace cicada::report {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);  // with a terminal that takes nothing

base::Result<void> write_csv(const run::Snapshot& last, const OutputOptions& options) {
    const auto rows = options.csv_full_history ? HistoryRows::All : HistoryRows::Aggregated;
    CsvFiles files(*options.csv_prefix, rows);
    if (auto made = files.create(); !made) return made;
    const auto elapsed = std::chrono::duration_cast<base::WallTime::duration>(last.elapsed);
    return files.update(last, last.start_time + elapsed);
}

}  // namespace

std::vector<Lines> final_tables(const run::Snapshot& last, std::size_t columns) {
    const std::size_t width = name_width(columns);
    const stats::Totals& totals = *last.statistics;
    std::vector<Lines> parts;
    for (Lines& part : std::vector<Lines>{statistics_table(totals, RatesShown::WholeRun, width),
                                          percentile_table(totals, percentile_name_width(columns)),
                                          error_report(totals, width),
                                          exception_report(totals, width),
                                          check_table(totals),
                                          metric_table(totals),
                                          threshold_table(last),
                                          limit_report(last.limits),
                                          verdict(last)}) {
        if (!part.empty()) parts.push_back(std::move(part));
    }
    return parts;
}

FinalFiles write_final_files(const run::Snapshot& last, const OutputOptions& options) {
    FinalFiles files;
    const auto write = [&files](const std::string& path, const std::string& text) {
        auto written = make_folders_of(path);
        if (written) written = replace_file(path, text);
        if (!written) files.complaints.push_back(written.error());
        return written.has_value();
    };
    if (options.junit_file) (void)write(*options.junit_file, junit_xml(last));
    if (options.json_file) files.json = write(*options.json_file + ".json", json_report(last));
    return files;
}

void report_dry_run(const run::DryRun& course,
                    const run::Snapshot& last,
                    const OutputOptions& options) {
    FinalFiles files = write_final_files(last, options);
    if (options.csv_prefix) {
        if (auto written = write_csv(last, options); !written) {
            files.complaints.push_back(written.error());
        }
    }
    Console console(Console::Display::Plain);
    console.print(Lines{"DRY RUN: users in virtual time, answers made up, nothing sent", ""});
    console.print(timeline(course));
    console.print(Lines{""});
    if (!files.json) {
        for (const Lines& part : final_tables(last, console.columns())) {
            console.print(part);
            console.print(Lines{""});
        }
    }
    console.drain(kPatience);
    if (options.json) {
        const int error = write_all(STDOUT_FILENO, json_report(last));
        if (error != 0) files.complaints.push_back(cannot_write("the JSON to stdout", error));
    }
    for (const std::string& complaint : files.complaints) {
        base::log(base::LogLevel::Warning, "{}", complaint);
    }
}

}  // namespace cicada::report
