// SPDX-License-Identifier: Apache-2.0
#include "report/live_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "report/limit_report.hpp"
#include "report/live_table.hpp"
#include "report/painted_line.hpp"
#include "report/tables.hpp"
#include "report/text.hpp"
#include "report/verdict.hpp"

namespace cicada::report {
namespace {

using std::chrono::seconds;

constexpr std::size_t kChartSeconds = 30;  // of the little chart
constexpr std::size_t kMostErrors = 3;
constexpr std::size_t kMostLimits = 4;
constexpr std::size_t kWidestLimit = 30;  // a longer name does not move the others' figures

std::int64_t second_of(base::WallTime time) {
    return std::chrono::floor<seconds>(time).time_since_epoch().count();
}

Ink ink_of(run::State state) {
    switch (state) {
        case run::State::Running:
            return Ink::Green;
        case run::State::Spawning:
        case run::State::Stopping:
        case run::State::Cleanup:
            return Ink::Yellow;
        default:
            return Ink::Dim;
    }
}

class View {
public:
    View(const run::Snapshot& snapshot, base::WallTime now, const LiveStyle& style)
        : snapshot_(snapshot),
          totals_(*snapshot.statistics),
          now_(now),
          style_(style),
          width_(std::max<std::size_t>(style.columns, 2) - 1) {}

    std::vector<DrawnLine> lines() {
        add(line());
        add(title());
        add(progress());
        add(present());
        add_limits();
        for (const run::ArrivalProgress& progress : snapshot_.arrivals) add(arrivals(progress));
        add(line());
        std::vector<DrawnLine> below = foot();
        const std::size_t most = std::max<std::size_t>(style_.rows, 2) - 1;
        const std::size_t taken = std::min(most, lines_.size() + below.size());
        const LiveTable table{totals_, now_, width_, most - taken, style_.colours};
        for (DrawnLine& row : table.lines()) lines_.push_back(std::move(row));
        for (DrawnLine& row : below) lines_.push_back(std::move(row));
        lines_.resize(std::min(lines_.size(), most));
        if (!style_.utf8) replace_ellipses();
        return std::move(lines_);
    }

private:
    [[nodiscard]] PaintedLine line() const { return {width_, style_.colours}; }
    void add(const PaintedLine& painted_line) { lines_.push_back(painted_line.line()); }

    void replace_ellipses() {
        static constexpr std::string_view kEllipsis = "…";
        for (DrawnLine& drawn : lines_) {
            for (std::size_t place = 0;
                 (place = drawn.text.find(kEllipsis)) != std::string::npos;) {
                drawn.text.replace(place, kEllipsis.size(), "~");
            }
        }
    }

    PaintedLine title() const;
    PaintedLine progress() const;
    [[nodiscard]] PaintedLine bar(double part, const std::string& times) const;
    void add_limits();
    PaintedLine present() const;
    [[nodiscard]] PaintedLine arrivals(const run::ArrivalProgress& progress) const;
    [[nodiscard]] std::vector<DrawnLine> foot() const;
    [[nodiscard]] std::string chart() const;

    const run::Snapshot& snapshot_;
    const stats::Totals& totals_;
    base::WallTime now_;
    const LiveStyle& style_;
    std::size_t width_;
    std::vector<DrawnLine> lines_{};
};

PaintedLine View::title() const {
    PaintedLine title = line();
    title.add(" cicada ", Ink::Bold).add(one_line(snapshot_.host), Ink::Cyan);
    const std::string_view state_name = snapshot_.paused ? "paused" : run::name_of(snapshot_.state);
    const std::string state = fmt::format("{} {}", style_.utf8 ? "●" : "*", state_name);
    std::int64_t here = snapshot_.user_count;
    if (snapshot_.target_user_count > 0) {  // those of arrivals have lines of their own
        for (const run::ArrivalProgress& progress : snapshot_.arrivals) here -= progress.users;
    }
    std::string users = with_commas(static_cast<std::uint64_t>(std::max<std::int64_t>(here, 0)));
    if (snapshot_.target_user_count > 0) {
        users += " of " + with_commas(static_cast<std::uint64_t>(snapshot_.target_user_count));
    }
    users += " users";
    if (!snapshot_.course.empty()) users += ", " + one_line(snapshot_.course);
    const std::size_t right_part = columns_of(users) + 3 + columns_of(state);
    title.add("   ").skip_to(width_ > right_part ? width_ - right_part : 0);
    return title.add(users).add("   ").add(
        state, snapshot_.paused ? Ink::Yellow : ink_of(snapshot_.state));
}

PaintedLine View::progress() const {
    const auto elapsed = std::max(snapshot_.elapsed, nanoseconds(0));
    if (snapshot_.progress && snapshot_.progress->by_limits) {
        std::string times = "  " + clock_text(elapsed);
        if (const auto left = snapshot_.progress->time_left) {
            times += fmt::format(", about {} left", clock_text(*left));
        }
        return bar(snapshot_.progress->part, times);
    }
    if (snapshot_.run_time <= nanoseconds(0)) {
        return line().add(" ").add(clock_text(elapsed), Ink::Dim).add(" elapsed", Ink::Dim);
    }
    return bar(
        static_cast<double>(elapsed.count()) / static_cast<double>(snapshot_.run_time.count()),
        fmt::format("  {} of {}", clock_text(elapsed), clock_text(snapshot_.run_time)));
}

PaintedLine View::bar(double part, const std::string& times) const {
    PaintedLine bar = line();
    bar.add(" ");
    const std::size_t room = bar.room() - std::min(bar.room(), columns_of(times));
    const auto done =
        static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * static_cast<double>(room));
    std::string full;
    std::string rest;
    for (std::size_t i = 0; i < room; ++i) {
        std::string& half = i < done ? full : rest;
        half += style_.utf8 ? "━" : i < done ? "#" : "-";
    }
    return bar.add(full, Ink::Cyan).add(rest, Ink::Dim).add(times);
}

// Those that are not reached yet come first: the others say nothing new.
void View::add_limits() {
    std::vector<user::LimitProgress> limits = snapshot_.limits;
    std::stable_partition(
        limits.begin(), limits.end(), [](const auto& limit) { return !limit.reached(); });
    const std::size_t shown = std::min(limits.size(), kMostLimits);
    std::size_t width = 0;
    for (std::size_t i = 0; i < shown; ++i) {
        width = std::max(width, std::min(columns_of(one_line(limits[i].name)), kWidestLimit));
    }
    for (std::size_t i = 0; i < shown; ++i) {
        const Ink ink = limits[i].reached() ? Ink::Green : Ink::Plain;
        add(line()
                .add(" limit ", Ink::Dim)
                .add(left(one_line(limits[i].name), width) + "  ")
                .add(progress_text(limits[i]), ink));
    }
    if (limits.size() > kMostLimits) {
        add(line().add(fmt::format(" and {} other limits", limits.size() - kMostLimits), Ink::Dim));
    }
}

// Requests per second as a row of bars, the present at the right end.
std::string View::chart() const {
    static constexpr std::array<std::string_view, 8> kBars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const std::int64_t end = end_of_whole_seconds(now_);
    const std::int64_t begin =
        std::max(end - static_cast<std::int64_t>(kChartSeconds), second_of(totals_.start()));
    std::uint32_t highest = 0;
    for (std::int64_t second = begin; second < end; ++second) {
        highest = std::max(highest, totals_.total().seconds.at(second).requests);
    }
    std::string bars;
    for (std::int64_t second = begin; second < end && highest > 0; ++second) {
        const std::uint64_t requests = totals_.total().seconds.at(second).requests;
        bars += kBars.at(requests * (kBars.size() - 1) / highest);
    }
    return bars;
}

PaintedLine View::present() const {
    const stats::Entry& total = totals_.total();
    PaintedLine present = line();
    present.add(" ").add(rate_text(present_rate(totals_, total, now_)) + " requests/s", Ink::Bold);
    if (style_.utf8) present.add(" ").add(chart(), Ink::Cyan);
    present.add(fmt::format("   {} requests   ", with_commas(total.counts.requests)));
    const std::string failed = fmt::format(
        "{} failed ({:.2f}%)", with_commas(total.counts.failures), total.fail_ratio() * 100);
    return present.add(failed, total.counts.failures > 0 ? Ink::Red : Ink::Green);
}

PaintedLine View::arrivals(const run::ArrivalProgress& progress) const {
    const auto late = progress.delayed + progress.dropped;
    PaintedLine arrivals = line();
    arrivals.add(fmt::format(" {}: {} arrivals planned, {} of {} users busy   ",
                             one_line(progress.name),
                             with_commas(progress.planned),
                             with_commas(static_cast<std::uint64_t>(progress.busy)),
                             with_commas(static_cast<std::uint64_t>(progress.users))));
    return arrivals.add(fmt::format("{} delayed, {} dropped, {} waiting",
                                    with_commas(progress.delayed),
                                    with_commas(progress.dropped),
                                    with_commas(progress.waiting())),
                        late > 0 ? Ink::Yellow : Ink::Green);
}

std::vector<DrawnLine> View::foot() const {
    std::vector<DrawnLine> lines;
    const auto add_text = [&](const std::string& text, Ink ink) {
        lines.push_back(line().add(" ").add(one_line(text), ink).line());
    };
    lines.push_back(line().line());
    if (style_.keys) {
        std::string keys = "keys: w W s S for +1 +10 -1 -10 users, p to pause";
        if (style_.page_key) keys += ", Enter for the page";
        add_text(keys, Ink::Dim);
    }
    const stats::GeneratorFigures figures = totals_.generator();
    add_text(
        fmt::format("times of the last 10 s, in ms; generator: {:.0f}% busy, p99 of its own share "
                    "{} ms",
                    figures.busy_last * 100,
                    even_ms(figures.share_p99)),
        Ink::Dim);
    auto errors = totals_.errors();
    std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) {
        return a->occurrences > b->occurrences;
    });
    const std::string_view times = style_.utf8 ? "×" : "x";
    for (std::size_t i = 0; i < std::min(errors.size(), kMostErrors); ++i) {
        add_text(fmt::format("{} {} {} {}: {}",
                             with_commas(errors[i]->occurrences),
                             times,
                             errors[i]->key->method,
                             errors[i]->key->name,
                             errors[i]->text),
                 Ink::Red);
    }
    if (errors.size() > kMostErrors) {
        add_text(fmt::format("and {} other errors", errors.size() - kMostErrors), Ink::Red);
    }
    for (const stats::ExceptionCount& thrown : totals_.exceptions()) {
        if (&thrown - totals_.exceptions().data() >= static_cast<std::ptrdiff_t>(kMostErrors))
            break;
        add_text(fmt::format("{} {} {}", with_commas(thrown.count), times, text_of(thrown)),
                 Ink::Red);
    }
    std::size_t missed = 0;
    for (const run::GoalResult& each : snapshot_.thresholds) {
        if (each.passed || each.may_still_pass || ++missed > kMostErrors) continue;
        add_text(fmt::format("missed: {} ({})", each.text, each.actual), Ink::Red);
    }
    for (const std::string& warning : run::warnings_of(snapshot_)) add_text(warning, Ink::Yellow);
    return lines;
}

}  // namespace

std::vector<DrawnLine> live_view(const run::Snapshot& snapshot,
                                 base::WallTime now,
                                 const LiveStyle& style) {
    return View(snapshot, now, style).lines();
}

}  // namespace cicada::report
