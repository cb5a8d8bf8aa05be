// SPDX-License-Identifier: Apache-2.0
#include "report/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/time_span.hpp"
#include "report/text.hpp"

namespace cicada::report {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr std::size_t kTimeWidth = 10;
constexpr std::size_t kLeastWidth = 9;

std::string count_text(std::int64_t count) {
    return with_commas(static_cast<std::uint64_t>(count));
}

/// To a second, or below 40 s to a tenth: more would not be read.
std::string time_text(nanoseconds time) {
    const auto grain =
        time < std::chrono::seconds(40) ? nanoseconds(100'000'000) : nanoseconds(1'000'000'000);
    return base::format_time_span((time + grain / 2) / grain * grain);
}

std::size_t width_of(const std::string& name) {
    return std::max(kLeastWidth, std::min<std::size_t>(columns_of(name), 20) + 2);
}

std::string bar(std::int64_t users, std::int64_t most) {
    if (most == 0) return std::string(kBarWidth, ' ');
    const auto length = static_cast<std::size_t>(
        static_cast<double>(users) / static_cast<double>(most) * kBarWidth + 0.5);
    return std::string(length, '#') + std::string(kBarWidth - length, ' ');
}

/// "Buyer/s"
std::string rate_title(const run::DryRun::Pool& pool) {
    return pool.name + "/s";
}

std::string header(const run::DryRun& run) {
    std::string text = right("time", kTimeWidth);
    if (!run.classes.empty()) {
        text += right("users", kLeastWidth) + "  " + std::string(kBarWidth, ' ');
    }
    if (run.classes.size() > 1) {
        for (const std::string& name : run.classes) {
            text += right(clipped(name, 20), width_of(name));
        }
    }
    for (const run::DryRun::Pool& pool : run.pools) {
        text += right(clipped(rate_title(pool), 20), width_of(rate_title(pool)));
    }
    return text;
}

std::string row(const run::DryRun& run, const run::DryRun::Point& point) {
    std::string text = right(time_text(point.at), kTimeWidth);
    if (!run.classes.empty()) {
        text +=
            right(count_text(point.users), kLeastWidth) + "  " + bar(point.users, run.most_users);
    }
    if (run.classes.size() > 1) {
        for (std::size_t index = 0; index < run.classes.size(); ++index) {
            text += right(count_text(point.of_class[index]), width_of(run.classes[index]));
        }
    }
    for (std::size_t index = 0; index < run.pools.size(); ++index) {
        text += right(fmt::format("{:.1f}", point.rates[index]),
                      width_of(rate_title(run.pools[index])));
    }
    if (!point.course.empty()) text += "  " + one_line(point.course);
    return text;
}

}  // namespace

Lines timeline(const run::DryRun& run) {
    Lines lines{header(run)};
    for (const run::DryRun::Point& point : run.points) lines.push_back(row(run, point));
    lines.emplace_back();
    if (!run.given_up.empty()) {
        lines.push_back("Given up:  after " + time_text(run.duration) + ": " + run.given_up);
    } else if (run.has_end) {
        lines.push_back("End:       after " + time_text(run.duration));
    } else {
        lines.push_back("End:       none; nothing changes after " + time_text(run.duration));
    }
    if (!run.classes.empty()) {
        lines.push_back(fmt::format("Users:     at most {}, from {} on",
                                    count_text(run.most_users),
                                    time_text(run.most_users_at)));
    }
    for (const run::DryRun::Pool& pool : run.pools) {
        lines.push_back(
            fmt::format("Arrivals:  {}: {} in {}, up to {:.1f} per second, by at most {} users",
                        pool.name,
                        with_commas(pool.planned),
                        time_text(run.duration),
                        pool.highest_rate,
                        count_text(pool.max_users)));
    }
    return lines;
}

}  // namespace cicada::report
