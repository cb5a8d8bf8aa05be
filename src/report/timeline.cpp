// SPDX-License-Identifier: Apache-2.0
#include "report/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/time_span.hpp"
#include "report/limit_report.hpp"
#include "report/text.hpp"
#include "user/limit_names.hpp"

namespace cicada::report {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr std::size_t kTimeWidth = 10;
constexpr std::size_t kLeastWidth = 9;
constexpr std::size_t kWidestTitle = 20;
constexpr std::size_t kMostLimits = 4;  // as columns; all of them stand below

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
    return std::max(kLeastWidth, std::min(columns_of(name), kWidestTitle) + 2);
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

std::string limit_title(const user::LimitProgress& limit) {
    return limit.kind == user::LimitKind::Requests ? limit.name + " req" : limit.name;
}

/// Columns: what stands above each, and in a row.
class Columns {
public:
    explicit Columns(const run::DryRun& run) : run_(run) {
        for (std::size_t index = 0; index < run.limits.size(); ++index) {
            if (run.limits[index].is_known && shown_limits_.size() < kMostLimits) {
                shown_limits_.push_back(index);
            }
        }
    }

    [[nodiscard]] std::string header() const {
        std::string text = right("time", kTimeWidth);
        if (!run_.classes.empty()) {
            text += right("users", kLeastWidth) + "  " + std::string(kBarWidth, ' ');
        }
        if (run_.classes.size() > 1) {
            for (const std::string& name : run_.classes) text += title(name);
        }
        for (const run::DryRun::Pool& pool : run_.pools) text += title(rate_title(pool));
        if (has_answers()) text += title(kAnswers);
        for (const std::size_t limit : shown_limits_) {
            text += title(limit_title(run_.limits[limit].end));
        }
        return text;
    }

    [[nodiscard]] std::string row(const run::DryRun::Point& point) const {
        std::string text = right(time_text(point.at), kTimeWidth);
        if (!run_.classes.empty()) {
            text += right(count_text(point.users), kLeastWidth) + "  " +
                    bar(point.users, run_.most_users);
        }
        if (run_.classes.size() > 1) {
            for (std::size_t index = 0; index < run_.classes.size(); ++index) {
                text += right(count_text(point.of_class[index]), width_of(run_.classes[index]));
            }
        }
        for (std::size_t index = 0; index < run_.pools.size(); ++index) {
            text += right(fmt::format("{:.1f}", point.rates[index]),
                          width_of(rate_title(run_.pools[index])));
        }
        if (has_answers()) {
            text +=
                right(fmt::format("{:.1f}", point.answers_per_s.value_or(0)), width_of(kAnswers));
        }
        for (const std::size_t limit : shown_limits_) {
            text += right(count_text(point.limits[limit]),
                          width_of(limit_title(run_.limits[limit].end)));
        }
        if (!point.course.empty()) text += "  " + one_line(point.course);
        return text;
    }

private:
    static constexpr const char* kAnswers = "answers/s";

    static std::string title(const std::string& name) {
        return right(clipped(name, kWidestTitle), width_of(name));
    }
    [[nodiscard]] bool has_answers() const {
        return !run_.points.empty() && run_.points.front().answers_per_s.has_value();
    }

    const run::DryRun& run_;
    std::vector<std::size_t> shown_limits_{};
};

std::string end_text(const run::DryRun& run) {
    if (!run.given_up.empty()) {
        return "Given up:  after " + time_text(run.duration) + ": " + run.given_up;
    }
    if (run.cut_short) return "End:       ended early, after " + time_text(run.duration);
    if (run.has_end) return "End:       after " + time_text(run.duration);
    return "End:       none; nothing changes after " + time_text(run.duration);
}

std::string pool_text(const run::DryRun& run, const run::DryRun::Pool& pool) {
    const std::string by =
        pool.most_users
            ? fmt::format(
                  "{} users, at most {}", count_text(*pool.most_users), count_text(pool.max_users))
            : fmt::format("at most {} users", count_text(pool.max_users));
    return fmt::format("Arrivals:  {}: {} in {}, up to {:.1f} per second, by {}",
                       one_line(pool.name),
                       with_commas(pool.planned),
                       time_text(run.duration),
                       pool.highest_rate,
                       by);
}

std::string limit_text(const run::DryRun::Limit& limit) {
    const std::string name = "Limit:     " + one_line(limit.end.name) + ": ";
    if (!limit.is_known) {
        return fmt::format("{}{} {}{}; when it is reached depends on the target",
                           name,
                           count_text(limit.end.total),
                           counted_by(limit.end.kind),
                           limit.end.per_user() ? " for each user" : "");
    }
    if (limit.reached_at) {
        return fmt::format("{}{} {}, reached after {}",
                           name,
                           count_text(limit.end.total),
                           counted_by(limit.end.kind),
                           time_text(*limit.reached_at));
    }
    return name + progress_text(limit.end) + " by the end";
}

}  // namespace

Lines timeline(const run::DryRun& run) {
    const Columns columns(run);
    Lines lines{columns.header()};
    for (const run::DryRun::Point& point : run.points) lines.push_back(columns.row(point));
    lines.emplace_back();
    lines.push_back(end_text(run));
    if (!run.classes.empty()) {
        lines.push_back(fmt::format("Users:     at most {}, from {} on",
                                    count_text(run.most_users),
                                    time_text(run.most_users_at)));
    }
    for (const run::DryRun::Pool& pool : run.pools) lines.push_back(pool_text(run, pool));
    for (const run::DryRun::Limit& limit : run.limits) lines.push_back(limit_text(limit));
    return lines;
}

}  // namespace cicada::report
