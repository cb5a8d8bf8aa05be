// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "run/run_machine.hpp"

// What the machine shows of itself: to the faces of the run, and to the engine's user code.
namespace cicada::run {

std::chrono::nanoseconds RunMachine::elapsed(const Moment& now) const {
    if (state_ == State::Ready) return {};
    return testing() ? elapsed_since_start(now) : final_elapsed_;
}

std::chrono::nanoseconds RunMachine::elapsed_since_start(const Moment& now) const {
    if (!begun_) return {};
    return paused_.value_or(now.steady) - started_.steady - paused_before_;
}

std::chrono::nanoseconds RunMachine::whole_run_time() const {
    auto whole = stages_.duration();
    if (run_time_ && run_time_counts_from_) {
        const auto limit = ramp_time_ + *run_time_;
        whole = whole ? std::min(*whole, limit) : limit;
    }
    return whole.value_or(std::chrono::nanoseconds::zero());
}

std::string RunMachine::course() const {
    if (stages_.empty()) return options_.course.name;
    return fmt::format("stage {} of {}", stages_.present(), stages_.size());
}

std::optional<Progress> RunMachine::progress(const Moment& now) const {
    if (!testing()) return std::nullopt;
    std::optional<Progress> progress;
    const std::chrono::nanoseconds elapsed = this->elapsed(now);
    const auto ns = static_cast<double>(elapsed.count());
    if (const auto whole = whole_run_time(); whole > std::chrono::nanoseconds::zero()) {
        progress = {.part = std::min(1.0, ns / static_cast<double>(whole.count())),
                    .time_left = std::max(whole - elapsed, std::chrono::nanoseconds::zero())};
    }
    const auto part = engine_.limits_part_done;
    if (engine_.tests_begun == tests_ && part && (!progress || *part > progress->part)) {
        progress = {.part = *part, .time_left = std::nullopt, .by_limits = true};
        const double left_ns = *part > 0 ? ns * (1 - *part) / *part : 0;
        constexpr double kLongestNs = 9e18;
        const bool is_too_early = elapsed < std::chrono::seconds(1);  // it would be a guess
        if (*part > 0 && left_ns < kLongestNs && !is_too_early) {
            progress->time_left = std::chrono::nanoseconds(static_cast<std::int64_t>(left_ns));
        }
    }
    return progress;
}

// The statistics are lent, not copied: for as long as nothing is merged.
Snapshot RunMachine::facts(const Moment& now) const {
    Snapshot facts;
    facts.elapsed = elapsed(now);
    facts.arrivals = engine_.arrivals;
    if (engine_.tests_begun == tests_) facts.limits = engine_.limits;
    facts.statistics = std::shared_ptr<const stats::Totals>(std::shared_ptr<void>(), &totals_);
    return facts;
}

Snapshot RunMachine::snapshot(const Moment& now) const {
    Snapshot snapshot = facts(now);
    snapshot.state = state_;
    snapshot.host = host_;
    snapshot.profile = options_.profile;
    snapshot.user_count = engine_.user_count;
    snapshot.target_user_count = testing() ? plan_.target() : 0;
    const std::size_t planned_classes = plan_.classes().size();
    for (std::size_t index = 0; index < engine_.users.size(); ++index) {
        const std::string& name = index < planned_classes
                                      ? plan_.classes()[index].name
                                      : options_.arrival_classes[index - planned_classes];
        snapshot.user_class_counts[name] = engine_.users[index];
    }
    snapshot.start_time = started_.wall;
    snapshot.run_time = whole_run_time();
    snapshot.paused = paused_.has_value();
    snapshot.course = course();
    snapshot.statistics = std::make_shared<const stats::Totals>(totals_);
    snapshot.progress = progress(now);
    snapshot.warnings = warnings_;
    if (state_ != State::Ready) snapshot.thresholds = goal_results_;
    return snapshot;
}

void RunMachine::tell_engine(const Moment& now) {
    RunNews news;
    news.state = state_;
    news.user_count = engine_.user_count;
    news.target_user_count = testing() ? plan_.target() : 0;
    news.elapsed = elapsed(now);
    const stats::Entry& total = totals_.total();
    news.requests = total.counts.requests;
    news.failures = total.counts.failures;
    news.requests_per_s = totals_.total_rates(total).requests_per_s;
    news.median = total.percentile(0.50);
    news.p95 = total.percentile(0.95);
    news.p99 = total.percentile(0.99);
    link_.tell(news);
}

}  // namespace cicada::run
