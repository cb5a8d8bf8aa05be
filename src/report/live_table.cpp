// SPDX-License-Identifier: Apache-2.0
#include "report/live_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "report/painted_line.hpp"
#include "report/text.hpp"

namespace cicada::report {
namespace {

constexpr std::size_t kTypeWidth = 7;
constexpr std::size_t kLeastNameWidth = 20;
constexpr std::int64_t kRateSeconds = 5;  // averaged for the present rate
constexpr std::int64_t kLateness = 1;     // seconds that an engine's figures may be late

std::int64_t second_of(base::WallTime time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// A column of figures. `needed` orders them: when the terminal is narrow the highest go first.
struct Column {
    enum class What : std::uint8_t { Requests, Failed, FailedPercent, P50, P95, P99, Max, Rate };
    What what;
    std::string_view title;
    std::size_t width;
    int needed;
};

constexpr std::array kColumns{
    Column{Column::What::Requests, "requests", 12, 1},
    Column{Column::What::Failed, "failed", 9, 2},
    Column{Column::What::FailedPercent, "", 8, 7},
    Column{Column::What::P50, "p50", 8, 3},
    Column{Column::What::P95, "p95", 8, 4},
    Column{Column::What::P99, "p99", 8, 6},
    Column{Column::What::Max, "max", 8, 8},
    Column{Column::What::Rate, "per s", 10, 5},
};

std::vector<Column> columns_for(std::size_t width) {
    std::vector<Column> columns(kColumns.begin(), kColumns.end());
    std::size_t used = 1 + kTypeWidth;
    for (const Column& column : columns) used += column.width;
    while (columns.size() > 1 && used + kLeastNameWidth > width) {
        const auto least =
            std::max_element(columns.begin(), columns.end(), [](const Column& a, const Column& b) {
                return a.needed < b.needed;
            });
        used -= least->width;
        columns.erase(least);
    }
    return columns;
}

struct Figure {
    std::string text;
    Ink ink = Ink::Plain;
};

Figure figure(const Column& column,
              const stats::Totals& totals,
              const stats::Entry& entry,
              const stats::Histogram& times,
              base::WallTime now) {
    const auto at = [&](double part) -> Figure {
        return times.empty() ? Figure{"-", Ink::Dim} : Figure{even_ms(times.percentile(part))};
    };
    switch (column.what) {
        case Column::What::Requests:
            return {with_commas(entry.counts.requests)};
        case Column::What::Failed:
            return entry.counts.failures == 0
                       ? Figure{"-", Ink::Dim}
                       : Figure{with_commas(entry.counts.failures), Ink::Red};
        case Column::What::FailedPercent:
            return entry.counts.failures == 0
                       ? Figure{}
                       : Figure{fmt::format("{:.2f}%", entry.fail_ratio() * 100), Ink::Red};
        case Column::What::P50:
            return at(0.5);
        case Column::What::P95:
            return at(0.95);
        case Column::What::P99:
            return at(0.99);
        case Column::What::Max:
            return at(1.0);
        case Column::What::Rate:
            return {rate_text(present_rate(totals, entry, now))};
    }
    return {};
}

// The entries to show, sorted as totals sorts them.
std::vector<std::shared_ptr<const stats::Entry>> chosen(const stats::Totals& totals,
                                                        std::size_t most) {
    auto entries = totals.entries();
    if (entries.size() <= most) return entries;
    auto busiest = entries;
    std::sort(busiest.begin(), busiest.end(), [](const auto& a, const auto& b) {
        return a->counts.requests > b->counts.requests;
    });
    const std::set shown(busiest.begin(), busiest.begin() + static_cast<std::ptrdiff_t>(most));
    std::erase_if(entries, [&](const auto& entry) { return !shown.contains(entry); });
    return entries;
}

}  // namespace

std::int64_t end_of_whole_seconds(base::WallTime now) {
    return second_of(now) - kLateness;
}

std::string rate_text(const std::optional<double>& rate) {
    return rate ? fmt::format("{:.1f}", *rate) : "-";
}

std::optional<double> present_rate(const stats::Totals& totals,
                                   const stats::Entry& entry,
                                   base::WallTime now) {
    const std::int64_t end = end_of_whole_seconds(now);
    const std::int64_t begin = std::max(end - kRateSeconds, second_of(totals.start()) + 1);
    if (begin >= end) return std::nullopt;
    double sum = 0;
    for (std::int64_t second = begin; second < end; ++second) {
        sum += entry.seconds.at(second).requests;
    }
    return sum / static_cast<double>(end - begin);
}

std::vector<DrawnLine> LiveTable::lines() const {
    const std::vector<Column> columns = columns_for(width);
    std::size_t name_width = width - std::min(width, 1 + kTypeWidth);
    for (const Column& column : columns) name_width -= std::min(name_width, column.width);

    const auto start = [&](std::string_view type, std::string_view name, Ink ink) {
        PaintedLine line(width, colours);
        line.add(" ").add(left(clipped(one_line(type), kTypeWidth - 1), kTypeWidth), Ink::Dim);
        line.add(left(clipped(one_line(name), name_width), name_width), ink);
        return line;
    };
    const auto row = [&](const stats::Entry& entry, Ink ink) {
        const stats::Histogram times = entry.last_seconds(now);
        PaintedLine line = start(entry.method(), entry.name(), ink);
        for (const Column& column : columns) {
            const Figure shown = figure(column, totals, entry, times, now);
            line.add(right(shown.text, column.width), shown.ink == Ink::Plain ? ink : shown.ink);
        }
        return line.line();
    };

    std::vector<DrawnLine> lines;
    if (most_lines < 3) return lines;
    PaintedLine header(width, colours);
    header.add(" ").add(left("type", kTypeWidth), Ink::Dim).add(left("name", name_width), Ink::Dim);
    for (const Column& column : columns) header.add(right(column.title, column.width), Ink::Dim);
    lines.push_back(header.line());

    const std::size_t all = totals.entries().size();
    const std::size_t room = most_lines - 2;
    const auto entries = chosen(totals, all <= room ? all : room - 1);
    for (const auto& entry : entries) lines.push_back(row(*entry, Ink::Plain));
    if (entries.size() < all) {
        PaintedLine more(width, colours);
        more.add(fmt::format(" {}and {} more", std::string(kTypeWidth, ' '), all - entries.size()),
                 Ink::Dim);
        lines.push_back(more.line());
    }
    lines.push_back(row(totals.total(), Ink::Bold));
    return lines;
}

}  // namespace cicada::report
