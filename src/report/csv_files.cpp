// SPDX-License-Identifier: Apache-2.0
#include "report/csv_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <utility>

#include "report/files.hpp"
#include "report/measures.hpp"
#include "report/tables.hpp"
#include "report/text.hpp"

namespace cicada::report {
namespace {

using Fields = std::vector<std::string>;

void append(Fields& fields, Fields&& more) {
    std::move(more.begin(), more.end(), std::back_inserter(fields));
}

Fields percentile_headers() {
    Fields headers;
    for (const double part : stats::kReportedPercentiles) headers.push_back(percent_header(part));
    return headers;
}

Fields percentile_fields(const stats::Entry& entry, const stats::Histogram& times) {
    Fields fields;
    for (const double part : stats::kReportedPercentiles) {
        fields.push_back(entry.counts.requests == 0 ? "N/A" : short_ms(times.percentile(part)));
    }
    return fields;
}

Fields time_fields(const stats::Entry& entry) {
    return {short_ms(entry.median()),
            python_float(in_ms(entry.average())),
            python_float(in_ms(entry.min())),
            python_float(in_ms(entry.max())),
            python_float(entry.average_bytes())};
}

std::string stats_row(const stats::Totals& totals, const stats::Entry& entry) {
    Fields fields{entry.method(),
                  entry.name(),
                  std::to_string(entry.counts.requests),
                  std::to_string(entry.counts.failures)};
    append(fields, time_fields(entry));
    const stats::Rates rates = totals.total_rates(entry);
    append(fields, {python_float(rates.requests_per_s), python_float(rates.failures_per_s)});
    append(fields, percentile_fields(entry, entry.response_times));
    return csv_row(fields);
}

std::string history_row(const run::Snapshot& snapshot,
                        const stats::Entry& entry,
                        base::WallTime now,
                        HistoryRows rows) {
    const auto epoch = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    const stats::Rates rates = snapshot.statistics->current_rates(entry);
    Fields fields{std::to_string(epoch.count()),
                  std::to_string(snapshot.user_count),
                  entry.method(),
                  entry.name(),
                  fmt::format("{:.6f}", rates.requests_per_s),
                  fmt::format("{:.6f}", rates.failures_per_s)};
    append(fields,
           percentile_fields(
               entry, rows == HistoryRows::All ? entry.last_seconds(now) : entry.response_times));
    append(fields, {std::to_string(entry.counts.requests), std::to_string(entry.counts.failures)});
    append(fields, time_fields(entry));
    return csv_row(fields);
}

}  // namespace

std::string csv_row(const std::vector<std::string>& fields) {
    std::string row;
    for (const std::string& field : fields) {
        if (!row.empty() || &field != &fields.front()) row += ',';
        if (field.find_first_of(",\"\r\n") == std::string::npos) {
            row += field;
            continue;
        }
        row += '"';
        for (const char byte : field) {
            if (byte == '"') row += '"';
            row += byte;
        }
        row += '"';
    }
    return row + "\r\n";
}

std::string stats_csv(const stats::Totals& totals) {
    Fields header{"Type",
                  "Name",
                  "Request Count",
                  "Failure Count",
                  "Median Response Time",
                  "Average Response Time",
                  "Min Response Time",
                  "Max Response Time",
                  "Average Content Size",
                  "Requests/s",
                  "Failures/s"};
    append(header, percentile_headers());
    std::string text = csv_row(header);
    for (const auto& entry : totals.entries()) text += stats_row(totals, *entry);
    return text + stats_row(totals, totals.total());
}

std::string failures_csv(const stats::Totals& totals) {
    std::string text =
        csv_row({"Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"});
    for (const auto& error : totals.errors()) {
        text += csv_row({error->key->method,
                         error->key->name,
                         error->text,
                         std::to_string(error->occurrences),
                         utc_time(error->first_seen),
                         utc_time(error->last_seen)});
    }
    return text;
}

std::string exceptions_csv(const stats::Totals& totals) {
    std::string text = csv_row({"Count", "Message", "Traceback", "Nodes"});
    for (const stats::ExceptionCount& thrown : totals.exceptions()) {
        text += csv_row({std::to_string(thrown.count), thrown.text, text_of(thrown), "local"});
    }
    return text;
}

std::string history_csv_header() {
    Fields header{"Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"};
    append(header, percentile_headers());
    append(header,
           {"Total Request Count",
            "Total Failure Count",
            "Total Median Response Time",
            "Total Average Response Time",
            "Total Min Response Time",
            "Total Max Response Time",
            "Total Average Content Size"});
    return csv_row(header);
}

std::string history_csv_rows(const run::Snapshot& snapshot, base::WallTime now, HistoryRows rows) {
    std::string text;
    if (rows == HistoryRows::All) {
        for (const auto& entry : snapshot.statistics->entries()) {
            text += history_row(snapshot, *entry, now, rows);
        }
    }
    return text + history_row(snapshot, snapshot.statistics->total(), now, rows);
}

CsvFiles::CsvFiles(std::string prefix, HistoryRows rows)
    : prefix_(std::move(prefix)), rows_(rows) {}

CsvFiles::~CsvFiles() {
    if (history_ >= 0) ::close(history_);
}

base::Result<void> CsvFiles::create() {
    if (const auto made = make_folders_of(prefix_); !made) return made;
    const std::string path = prefix_ + "_stats_history.csv";
    history_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (history_ < 0) return base::failure(cannot_write(path, errno));
    return append_history(history_csv_header());
}

// A write that is cut short, as on a full disk, is taken back, so that the next one begins a row.
base::Result<void> CsvFiles::append_history(const std::string& rows) {
    if (history_ < 0) return {};
    const off_t before = ::lseek(history_, 0, SEEK_END);
    const int error = write_all(history_, rows);
    if (error == 0) return {};
    if (before >= 0 && ::ftruncate(history_, before) != 0) {
        ::close(history_);  // half a row stands there: nothing may follow it
        history_ = -1;
    }
    return base::failure(cannot_write(prefix_ + "_stats_history.csv", error));
}

base::Result<void> CsvFiles::update(const run::Snapshot& snapshot, base::WallTime now) {
    const stats::Totals& totals = *snapshot.statistics;
    const base::WallTime row_time = std::max(now, next_row_);
    next_row_ = std::chrono::floor<std::chrono::seconds>(row_time) + std::chrono::seconds(1);
    base::Result<void> outcomes[] = {
        append_history(history_csv_rows(snapshot, row_time, rows_)),
        replace_file(prefix_ + "_stats.csv", stats_csv(totals)),
        replace_file(prefix_ + "_failures.csv", failures_csv(totals)),
        replace_file(prefix_ + "_exceptions.csv", exceptions_csv(totals)),
        totals.metrics().all().empty()
            ? base::Result<void>{}
            : replace_file(prefix_ + "_metrics.csv", metrics_csv(totals)),
        snapshot.thresholds.empty()
            ? base::Result<void>{}
            : replace_file(prefix_ + "_thresholds.csv", thresholds_csv(snapshot)),
    };
    for (base::Result<void>& outcome : outcomes) {
        if (!outcome) return std::move(outcome);
    }
    return {};
}

}  // namespace cicada::report
