// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <utility>

#include "stats/totals.hpp"

namespace cicada::stats {
namespace {

constexpr std::int64_t kRecentSeconds = 20;   // kept
constexpr std::int64_t kCurrentSeconds = 10;  // of them, what "current" means

std::int64_t second_of(base::WallTime time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

double Entry::fail_ratio() const {
    if (counts.requests == 0) return counts.failures > 0 ? 1 : 0;
    return static_cast<double>(counts.failures) / static_cast<double>(counts.requests);
}

double Entry::average_bytes() const {
    if (counts.requests == 0) return 0;
    return static_cast<double>(counts.bytes) / static_cast<double>(counts.requests);
}

Histogram Entry::last_seconds(base::WallTime now) const {
    const std::int64_t second = second_of(now);
    Histogram window;
    for (const auto& [at, times] : recent) {
        if (at > second - kCurrentSeconds && at <= second) window.merge(*times);
    }
    return window;
}

std::optional<nanoseconds> Entry::current_percentile(double part, base::WallTime now) const {
    const Histogram window = last_seconds(now);
    if (window.empty()) return std::nullopt;
    return window.percentile(part);
}

void Entry::merge(EntryDelta&& delta, base::WallTime taken) {
    counts += delta.counts;
    response_times.merge(delta.response_times);
    for (const SecondCounts& more : delta.seconds) seconds.add(more);
    last_request = std::max(last_request, delta.last_request);
    if (delta.response_times.empty()) return;

    const std::int64_t second = second_of(taken);
    const auto same = std::find_if(
        recent.begin(), recent.end(), [&](const auto& part) { return part.first == second; });
    if (same != recent.end()) {
        delta.response_times.merge(*same->second);
        same->second = std::make_shared<const Histogram>(std::move(delta.response_times));
    } else {
        recent.emplace_back(second,
                            std::make_shared<const Histogram>(std::move(delta.response_times)));
    }
    std::erase_if(recent, [&](const auto& part) { return part.first <= second - kRecentSeconds; });
}

}  // namespace cicada::stats
