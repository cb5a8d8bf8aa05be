// SPDX-License-Identifier: Apache-2.0
#include "report/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/text.hpp"

namespace cicada::report {
namespace {

constexpr std::size_t kTypeWidth = 8;
constexpr std::size_t kDefaultNameWidth = 80;
constexpr std::size_t kOtherColumns = 80;  // what the columns beside the name need

std::string dashes(std::size_t width) {
    return std::string(width, '-');
}

std::size_t compact_name_width(std::size_t name_width) {
    return std::max(name_width + 4, kTypeWidth + 4) - kTypeWidth;
}

std::string statistics_row(const stats::Totals& totals,
                           const stats::Entry& entry,
                           RatesShown shown,
                           std::size_t name_width) {
    const stats::Rates rates =
        shown == RatesShown::Current ? totals.current_rates(entry) : totals.total_rates(entry);
    return fmt::format("{} {} {:>7} {:>12} |{:>7} {:>7} {:>7}{:>7} | {:>7.2f} {:>11.2f}",
                       left(entry.method(), kTypeWidth),
                       left(one_line(entry.name()), compact_name_width(name_width)),
                       entry.counts.requests,
                       fmt::format("{}({:.2f}%)", entry.counts.failures, entry.fail_ratio() * 100),
                       whole_ms(entry.average()),
                       whole_ms(entry.min()),
                       whole_ms(entry.max()),
                       rounded_ms(entry.median()),
                       rates.requests_per_s,
                       rates.failures_per_s);
}

std::string percentile_row(const stats::Entry& entry, std::size_t name_width) {
    std::string row = fmt::format(
        "{} {}", left(entry.method(), kTypeWidth), left(one_line(entry.name()), name_width));
    std::size_t width = 8;
    for (const double part : stats::kReportedPercentiles) {
        row += fmt::format(" {:>{}}", rounded_ms(entry.percentile(part)), width);
        width = 6;
    }
    return row + fmt::format(" {:>6}", entry.counts.requests);
}

// A title, then counts of 18 columns and texts.
Lines counted_texts(std::string_view title,
                    std::string_view kind,
                    const std::vector<std::pair<std::uint64_t, std::string>>& rows,
                    std::size_t name_width) {
    const std::string separator = dashes(18) + "|" + dashes(kOtherColumns + name_width - 19);
    Lines lines{std::string(title), fmt::format("{:<18} {}", "# occurrences", kind), separator};
    for (const auto& [count, text] : rows) {
        lines.push_back(fmt::format("{:<18} {}", count, one_line(text)));
    }
    lines.push_back(separator);
    return lines;
}

}  // namespace

std::size_t name_width(std::size_t terminal_columns) {
    if (terminal_columns == 0) return kDefaultNameWidth;
    return std::clamp(terminal_columns, kOtherColumns, kOtherColumns + kDefaultNameWidth) -
           kOtherColumns;
}

std::size_t percentile_name_width(std::size_t terminal_columns) {
    constexpr std::size_t kPercentileColumns = 96;
    if (terminal_columns == 0) return kDefaultNameWidth;
    return std::clamp(
               terminal_columns, kPercentileColumns + 8, kPercentileColumns + kDefaultNameWidth) -
           kPercentileColumns;
}

Lines statistics_table(const stats::Totals& totals, RatesShown rates, std::size_t name_width) {
    const std::size_t width = compact_name_width(name_width);
    std::string separator = dashes(kTypeWidth) + "|" + dashes(width);
    for (const std::size_t column : {7, 13, 7, 7, 7, 7, 8, 11}) separator += "|" + dashes(column);

    Lines lines{fmt::format("{:<8} {:<{}} {:>7} {:>12} |{:>7} {:>7} {:>7}{:>7} | {:>7} {:>11}",
                            "Type",
                            "Name",
                            width,
                            "# reqs",
                            "# fails",
                            "Avg",
                            "Min",
                            "Max",
                            "Med",
                            "req/s",
                            "failures/s"),
                separator};
    for (const auto& entry : totals.entries()) {
        lines.push_back(statistics_row(totals, *entry, rates, name_width));
    }
    lines.push_back(separator);
    lines.push_back(statistics_row(totals, totals.total(), rates, name_width));
    return lines;
}

Lines percentile_table(const stats::Totals& totals, std::size_t name_width) {
    std::string header = fmt::format("{:<8} {:<{}}", "Type", "Name", name_width);
    std::string separator = dashes(kTypeWidth) + "|" + dashes(name_width) + "|" + dashes(8);
    std::size_t width = 8;
    for (const double part : stats::kReportedPercentiles) {
        header += fmt::format(" {:>{}}", percent_header(part), width);
        separator += "|" + dashes(6);
        width = 6;
    }
    Lines lines{"Response time percentiles (approximated)", header + " # reqs", separator};
    for (const auto& entry : totals.entries()) {
        if (!entry->response_times.empty()) lines.push_back(percentile_row(*entry, name_width));
    }
    lines.push_back(separator);
    if (!totals.total().response_times.empty()) {
        lines.push_back(percentile_row(totals.total(), name_width));
    }
    return lines;
}

Lines error_report(const stats::Totals& totals, std::size_t name_width) {
    std::vector<std::pair<std::uint64_t, std::string>> rows;
    for (const auto& error : totals.errors()) {
        rows.emplace_back(
            error->occurrences,
            fmt::format("{} {}: {}", error->key->method, error->key->name, error->text));
    }
    return rows.empty() ? Lines{} : counted_texts("Error report", "Error", rows, name_width);
}

Lines exception_report(const stats::Totals& totals, std::size_t name_width) {
    std::vector<std::pair<std::uint64_t, std::string>> rows;
    for (const stats::ExceptionCount& thrown : totals.exceptions()) {
        rows.emplace_back(thrown.count, text_of(thrown));
    }
    return rows.empty() ? Lines{}
                        : counted_texts("Exceptions of the test", "Exception", rows, name_width);
}

std::string text_of(const stats::ExceptionCount& thrown) {
    std::string text = thrown.where;
    for (const std::string& part : {thrown.type, thrown.text}) {
        if (!part.empty()) text += ": " + part;
    }
    return text;
}

}  // namespace cicada::report
