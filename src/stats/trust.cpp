// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "stats/totals.hpp"

namespace cicada::stats {
namespace {

// Shorter pieces, as at the end of a run, say nothing about a second.
constexpr nanoseconds kLeastWatched = std::chrono::milliseconds(500);

double ms(nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

/// Of the same requests: the middle one, or the slowest in a hundred.
bool is_too_much(nanoseconds share, nanoseconds response_time) {
    return share > Totals::kShareNoticed && ms(share) > Totals::kShareTooHigh * ms(response_time);
}

}  // namespace

void Totals::Busy::add(const BusySecond& second) {
    last = second;
    busy_sum += second.busy;
    wall_sum += second.wall;
    if (second.wall < kLeastWatched) return;
    highest = std::max(highest, second.share());
    ++watched;
    if (second.share() > kBusyTooHigh) ++too_busy;
}

std::vector<std::string> Totals::trust_warnings() const {
    std::vector<std::string> texts;
    const GeneratorFigures figures = generator();
    const auto bearable = static_cast<double>(figures.seconds_watched) * kTooBusyBearable;
    if (static_cast<double>(figures.seconds_too_busy) > bearable) {
        texts.push_back(fmt::format(
            "the generator was more than {:.0f}% busy in {} of {} s: response times include "
            "waiting "
            "for it, and the load may be lower than asked for; spread it over more processes",
            kBusyTooHigh * 100,
            figures.seconds_too_busy,
            figures.seconds_watched));
    }
    const Entry& all = total();
    if (is_too_much(figures.share_p50, all.median())) {
        texts.push_back(fmt::format(
            "half of the requests spent more than {:.2f} ms in the generator itself; the median "
            "response time is {:.2f} ms",
            ms(figures.share_p50),
            ms(all.median())));
    } else if (is_too_much(figures.share_p99, all.percentile(0.99))) {
        texts.push_back(fmt::format(
            "1% of the requests spent more than {:.2f} ms in the generator itself; 1% of the "
            "response times are above {:.2f} ms",
            ms(figures.share_p99),
            ms(all.percentile(0.99))));
    }
    return texts;
}

}  // namespace cicada::stats
