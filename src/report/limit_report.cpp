// SPDX-License-Identifier: Apache-2.0
#include "report/limit_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "report/text.hpp"
#include "user/limit_names.hpp"

namespace cicada::report {
namespace {

std::string count(std::int64_t value) {
    return with_commas(static_cast<std::uint64_t>(value));
}

}  // namespace

std::string progress_text(const user::LimitProgress& limit) {
    if (limit.per_user()) {
        return fmt::format("{} {}, {} for each user",
                           count(limit.done),
                           counted_by(limit.kind),
                           count(limit.total));
    }
    return fmt::format("{}/{} {}", count(limit.done), count(limit.total), counted_by(limit.kind));
}

Lines limit_report(const std::vector<user::LimitProgress>& limits) {
    if (limits.empty()) return {};
    std::size_t width = 0;
    for (const user::LimitProgress& limit : limits) {
        width = std::max(width, columns_of(one_line(limit.name)));
    }
    Lines lines{"Limits"};
    for (const user::LimitProgress& limit : limits) {
        std::string line =
            fmt::format("  {}  {}", left(one_line(limit.name), width), progress_text(limit));
        if (limit.cut_off > 0) line += fmt::format(", {} of them cut off", count(limit.cut_off));
        if (!limit.per_user()) {
            const std::int64_t missing = limit.total - limit.done;
            line += missing == 0 ? ": reached" : fmt::format(": {} not used", count(missing));
        }
        if (limit.uncertain > 0) {
            line += fmt::format("; {} \u2026 {} were done, as workers were lost",
                                count(limit.done),
                                count(limit.done + limit.uncertain));
        }
        if (limit.beyond > 0) {
            line += fmt::format("; up to {} beyond it, as their tickets were lent again",
                                count(limit.beyond));
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace cicada::report
