// SPDX-License-Identifier: Apache-2.0
#include "stats/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "stats/totals.hpp"

// What makes a run suspect or invalid. docs/guide/trusting-the-figures.md says the same in words.
namespace cicada::stats {
namespace {

// Shorter pieces, as at the end of a run, say nothing about a second.
constexpr nanoseconds kLeastWatched = std::chrono::milliseconds(500);

/// From which share on something is suspect, and from which invalid.
struct Bounds {
    double suspect;
    double invalid;
};

constexpr Bounds kTooBusySeconds{0.05, 0.50};    // of all seconds
constexpr std::int64_t kBusySecondsNoticed = 2;  // one alone is no reason
constexpr nanoseconds kMedianShareNoticed = std::chrono::microseconds(100);  // below: no harm
constexpr nanoseconds kSlowestShareNoticed = std::chrono::microseconds(500);
constexpr Bounds kMedianShare{0.10, 0.50};     // of the median response time
constexpr Bounds kSlowestShare{0.10, 2};       // of the p99; never invalid
constexpr Bounds kHeld{0, 0.10};               // of the time
constexpr Bounds kShortOf{0, 0.01};            // of all requests
constexpr Bounds kStolen{0.05, 0.20};          // of the CPU time
constexpr Bounds kThrottled{0.05, 0.25};       // of the quota's periods
constexpr std::uint64_t kPeriodsNoticed = 10;  // a second of the usual 100 ms

double ms(nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

double ratio(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

double ratio(nanoseconds part, nanoseconds whole) {
    return ratio(static_cast<double>(part.count()), static_cast<double>(whole.count()));
}

Grade grade_of(double share, const Bounds& bounds) {
    if (share > bounds.invalid) return Grade::Invalid;
    return share > bounds.suspect ? Grade::Suspect : Grade::Valid;
}

void judge_answers(const Counts& all, Verdict& verdict) {
    const bool all_failed = all.requests > 0 && all.failures == all.requests;
    if (!all_failed || all.exchanges() > 0) return;
    verdict.add(Grade::Invalid,
                fmt::format("no request was answered: all {} failed, and none is known to have "
                            "reached a server; see their errors",
                            all.requests));
}

void judge_busy(const GeneratorFigures& figures, Verdict& verdict) {
    if (figures.seconds_too_busy < kBusySecondsNoticed &&
        figures.seconds_too_busy < figures.seconds_watched) {
        return;
    }
    const double share = ratio(static_cast<double>(figures.seconds_too_busy),
                               static_cast<double>(figures.seconds_watched));
    verdict.add(grade_of(share, kTooBusySeconds),
                fmt::format("the generator was more than {:.0f}% busy in {} of {} s: response "
                            "times include waiting for it, and the load may be lower than asked "
                            "for; spread it over more processes",
                            Totals::kBusyTooHigh * 100,
                            figures.seconds_too_busy,
                            figures.seconds_watched));
}

void judge_share(const GeneratorFigures& figures, const Entry& all, Verdict& verdict) {
    const Grade median = figures.share_p50 <= kMedianShareNoticed
                             ? Grade::Valid
                             : grade_of(ratio(figures.share_p50, all.median()), kMedianShare);
    verdict.add(median,
                fmt::format("half of the requests spent more than {:.2f} ms in the generator "
                            "itself; the median response time is {:.2f} ms",
                            ms(figures.share_p50),
                            ms(all.median())));
    if (median != Grade::Valid || figures.share_p99 <= kSlowestShareNoticed) return;
    const nanoseconds p99 = all.percentile(0.99);
    verdict.add(grade_of(ratio(figures.share_p99, p99), kSlowestShare),
                fmt::format("1% of the requests spent more than {:.2f} ms in the generator itself; "
                            "1% of the response times are above {:.2f} ms",
                            ms(figures.share_p99),
                            ms(p99)));
}

void judge_machine(const MachineUse& machine, nanoseconds watched, Verdict& verdict) {
    verdict.add(grade_of(ratio(machine.held, std::max(watched, machine.held)), kHeld),
                fmt::format("one task held the engine for {:.1f} s, {:.1f} s in all: every other "
                            "user waited, and their response times include it",
                            ms(machine.longest_hold) / 1000,
                            ms(machine.held) / 1000));
    const double stolen = ratio(machine.stolen, machine.cpu);
    verdict.add(grade_of(stolen, kStolen),
                fmt::format("{:.0f}% of the CPU time was taken by other virtual machines (steal)",
                            stolen * 100));
    if (machine.quota_periods < kPeriodsNoticed) return;
    const double throttled = ratio(static_cast<double>(machine.throttled_periods),
                                   static_cast<double>(machine.quota_periods));
    verdict.add(grade_of(throttled, kThrottled),
                fmt::format("the CPU quota of the generator's cgroup stopped it in {:.0f}% of the "
                            "periods ({} of {}): raise the quota, or make less load",
                            throttled * 100,
                            machine.throttled_periods,
                            machine.quota_periods));
}

void judge_shortages(const Shortages& shortages, std::uint64_t requests, Verdict& verdict) {
    const auto judge = [&](std::uint64_t count, const char* of_what, const char* remedy) {
        const double share =
            ratio(static_cast<double>(count), static_cast<double>(std::max(count, requests)));
        verdict.add(grade_of(share, kShortOf),
                    fmt::format("{} connection{} could not be made because the generator ran out "
                                "of {}: {}",
                                count,
                                count == 1 ? "" : "s",
                                of_what,
                                remedy));
    };
    judge(shortages.descriptors, "open files", "raise ulimit -n, or use fewer users");
    judge(shortages.ports,
          "local ports",
          "widen net.ipv4.ip_local_port_range, give the target several addresses, or use fewer "
          "users");
}

}  // namespace

std::string_view name_of(Grade grade) {
    static constexpr std::array<std::string_view, 3> kNames{"VALID", "SUSPECT", "INVALID"};
    return kNames.at(static_cast<std::size_t>(grade));
}

void Verdict::add(Grade with, std::string text) {
    if (with == Grade::Valid) return;
    grade = std::max(grade, with);
    const auto place = std::find_if(
        reasons.begin(), reasons.end(), [&](const Reason& each) { return each.grade < with; });
    reasons.insert(place, {with, std::move(text)});
}

void Totals::Busy::add(const BusySecond& second) {
    last = second;
    busy_sum += second.busy;
    wall_sum += second.wall;
    if (second.wall < kLeastWatched) return;
    highest = std::max(highest, second.share());
    ++watched;
    if (second.share() > kBusyTooHigh) ++too_busy;
}

Verdict Totals::verdict() const {
    Verdict verdict;
    const GeneratorFigures figures = generator();
    judge_answers(total().counts, verdict);
    judge_busy(figures, verdict);
    judge_share(figures, total(), verdict);
    judge_machine(machine_, busy_.wall_sum, verdict);
    judge_shortages(shortages_, total().counts.requests, verdict);
    return verdict;
}

}  // namespace cicada::stats
