// SPDX-License-Identifier: Apache-2.0
#include "stats/delta.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace cicada::stats {

Counts& Counts::operator+=(const Counts& other) {
    requests += other.requests;
    failures += other.failures;
    bytes += other.bytes;
    sent += other.sent;
    redirects += other.redirects;
    resends += other.resends;
    aborted += other.aborted;
    return *this;
}

double BusySecond::share() const {
    if (wall <= nanoseconds(0)) return 0;
    return std::clamp(
        static_cast<double>(busy.count()) / static_cast<double>(wall.count()), 0.0, 1.0);
}

void EntryDelta::merge(const EntryDelta& other) {
    counts += other.counts;
    response_times.merge(other.response_times);
    last_request = std::max(last_request, other.last_request);
    for (const SecondCounts& more : other.seconds) {
        const auto place = std::lower_bound(
            seconds.begin(), seconds.end(), more.second, [](const SecondCounts& a, std::int64_t b) {
                return a.second < b;
            });
        if (place == seconds.end() || place->second != more.second) {
            seconds.insert(place, more);
        } else {
            place->requests += more.requests;
            place->failures += more.failures;
        }
    }
}

bool Delta::empty() const {
    return entries.empty() && errors.empty() && exceptions.empty() && generator_share.empty() &&
           busy.empty() && metrics.empty() && !shortages.any() && uncertain_exchanges == 0 &&
           warnings.empty();
}

namespace {

// Adds `later` to those in `items` that `same_key` finds equal, by way of `order`, or appends them.
template <class Item, class KeyOf, class Add>
void merge_by_key(std::vector<Item>& items, std::vector<Item>&& later, KeyOf key_of, Add add) {
    std::map<decltype(key_of(items.front())), std::size_t> place;
    for (std::size_t i = 0; i < items.size(); ++i) place.emplace(key_of(items[i]), i);
    for (Item& item : later) {
        const auto found = place.find(key_of(item));
        if (found != place.end()) {
            add(items[found->second], item);
        } else {
            items.push_back(std::move(item));
        }
    }
}

}  // namespace

void Delta::merge(Delta&& later) {
    taken = std::max(taken, later.taken);
    // Keys of one engine's entries are never duplicated: their addresses identify them.
    merge_by_key(
        entries,
        std::move(later.entries),
        [](const EntryDelta& entry) { return entry.key.get(); },
        [](EntryDelta& into, const EntryDelta& from) { into.merge(from); });
    merge_by_key(
        errors,
        std::move(later.errors),
        [](const ErrorCount& error) {
            return std::pair(error.key.get(), std::string_view(error.text));
        },
        [](ErrorCount& into, const ErrorCount& from) {
            into.occurrences += from.occurrences;
            into.first_seen = std::min(into.first_seen, from.first_seen);
            into.last_seen = std::max(into.last_seen, from.last_seen);
        });
    merge_by_key(
        exceptions,
        std::move(later.exceptions),
        [](const ExceptionCount& thrown) {
            return std::tuple<std::string_view, std::string_view, std::string_view>(
                thrown.type, thrown.text, thrown.where);
        },
        [](ExceptionCount& into, const ExceptionCount& from) { into.count += from.count; });
    generator_share.merge(later.generator_share);
    merge_by_key(
        metrics,
        std::move(later.metrics),
        [](const MetricDelta& metric) { return metric.key.get(); },
        [](MetricDelta& into, const MetricDelta& from) { into.values.merge(from.values); });
    shortages.add(later.shortages);
    uncertain_exchanges += later.uncertain_exchanges;
    std::move(later.busy.begin(), later.busy.end(), std::back_inserter(busy));
    std::move(later.warnings.begin(), later.warnings.end(), std::back_inserter(warnings));
}

}  // namespace cicada::stats
