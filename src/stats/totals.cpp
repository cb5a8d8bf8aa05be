// SPDX-License-Identifier: Apache-2.0
#include "stats/totals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "stats/caps.hpp"
#include "stats/hash_index.hpp"

namespace cicada::stats {
namespace {

std::uint64_t hash_of_key(const EntryKey& key) {
    return hash_of(key.name, hash_of(key.method));
}

std::uint64_t hash_of_error(const EntryKey& key, std::string_view text) {
    return hash_of(text, hash_of_key(key));
}

SharedKey other_key() {
    return std::make_shared<const EntryKey>(EntryKey{"", std::string(kOtherName)});
}

double ratio(nanoseconds part, nanoseconds whole) {
    if (whole <= nanoseconds(0)) return 0;
    return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

}  // namespace

struct Totals::Index {
    HashIndex entries;
    HashIndex errors;
};

Entry& Totals::Slot::writable() {
    if (shared) {
        entry = std::make_shared<Entry>(*entry);
        shared = false;
    }
    return *entry;
}

Totals::Totals(base::WallTime start)
    : start_(start),
      exceptions_(std::make_shared<const std::vector<ExceptionCount>>()),
      history_(std::make_shared<const std::vector<HistoryPoint>>()) {
    total_.entry = std::make_shared<Entry>();
    total_.entry->key = std::make_shared<const EntryKey>(EntryKey{"", "Aggregated"});
}

Totals::Totals(const Totals& other)
    : start_(other.start_),
      exceptions_(other.exceptions_),
      history_(other.history_),
      generator_share_(other.generator_share_),
      busy_(other.busy_),
      machine_(other.machine_),
      shortages_(other.shortages_),
      uncertain_exchanges_(other.uncertain_exchanges_),
      warnings_(other.warnings_) {
    other.mark_shared();
    total_ = other.total_;
    entries_ = other.entries_;
    errors_ = other.errors_;
    metrics_ = other.metrics_;
}

Totals::Totals(Totals&&) noexcept = default;
Totals& Totals::operator=(Totals&&) noexcept = default;
Totals::~Totals() = default;

Totals& Totals::operator=(const Totals& other) {
    return *this = Totals(other);
}

// Writes only where the mark is missing: a copy of a copy is made on any thread and finds them all.
void Totals::mark_shared() const {
    if (!total_.shared) total_.shared = true;
    for (const Slot& slot : entries_) {
        if (!slot.shared) slot.shared = true;
    }
    for (const ErrorSlot& slot : errors_) {
        if (!slot.shared) slot.shared = true;
    }
    metrics_.mark_shared();
}

Totals::Index& Totals::index() {
    if (index_ == nullptr) {
        index_ = std::make_unique<Index>();
        for (std::uint32_t i = 0; i < entries_.size(); ++i) {
            index_->entries.insert(hash_of_key(*entries_[i].entry->key), i);
        }
        for (std::uint32_t i = 0; i < errors_.size(); ++i) {
            const ErrorCount& error = *errors_[i].error;
            index_->errors.insert(hash_of_error(*error.key, error.text), i);
        }
    }
    return *index_;
}

void Totals::merge(Delta&& delta) {
    EntryDelta all;
    for (EntryDelta& part : delta.entries) {
        all.merge(part);
        merge_entry(std::move(part), delta.taken);
    }
    if (!delta.entries.empty()) total_.writable().merge(std::move(all), delta.taken);
    for (ErrorCount& error : delta.errors) merge_error(std::move(error));
    if (!delta.exceptions.empty()) merge_exceptions(std::move(delta.exceptions));
    if (!metrics_.merge(std::move(delta.metrics))) {
        warn_once(metrics_warning(MetricTotals::kMostSeries));
    }
    generator_share_.merge(delta.generator_share);
    for (const BusySecond& second : delta.busy) busy_.add(second);
    shortages_.add(delta.shortages);
    uncertain_exchanges_ += delta.uncertain_exchanges;
    for (std::string& text : delta.warnings) warn_once(std::move(text));
}

void Totals::merge_entry(EntryDelta&& delta, base::WallTime taken) {
    const auto find = [&](const EntryKey& key) {
        return index().entries.find(hash_of_key(key), [&](std::uint32_t candidate) {
            return *entries_[candidate].entry->key == key;
        });
    };
    std::uint32_t place = find(*delta.key);
    if (place == HashIndex::kNone && entries_.size() >= kMostNames &&
        delta.key->name != kOtherName) {
        warn_once(names_warning(kMostNames));
        delta.key = other_key();
        place = find(*delta.key);
    }
    if (place == HashIndex::kNone) {
        place = static_cast<std::uint32_t>(entries_.size());
        index().entries.insert(hash_of_key(*delta.key), place);
        Slot slot{.entry = std::make_shared<Entry>()};
        slot.entry->key = delta.key;
        entries_.push_back(std::move(slot));
    }
    entries_[place].writable().merge(std::move(delta), taken);
}

void Totals::merge_error(ErrorCount&& error) {
    const auto find = [&] {
        return index().errors.find(hash_of_error(*error.key, error.text),
                                   [&](std::uint32_t candidate) {
                                       const ErrorCount& known = *errors_[candidate].error;
                                       return known.text == error.text && *known.key == *error.key;
                                   });
    };
    std::uint32_t place = find();
    if (place == HashIndex::kNone && errors_.size() >= kMostErrors) {
        warn_once(errors_warning(kMostErrors));
        error.key = other_key();
        error.text = kOtherErrors;
        place = find();
    }
    if (place == HashIndex::kNone) {
        index().errors.insert(hash_of_error(*error.key, error.text),
                              static_cast<std::uint32_t>(errors_.size()));
        errors_.push_back({.error = std::make_shared<ErrorCount>(std::move(error))});
        return;
    }
    ErrorSlot& slot = errors_[place];
    if (slot.shared) {
        slot.error = std::make_shared<ErrorCount>(*slot.error);
        slot.shared = false;
    }
    slot.error->occurrences += error.occurrences;
    slot.error->first_seen = std::min(slot.error->first_seen, error.first_seen);
    slot.error->last_seen = std::max(slot.error->last_seen, error.last_seen);
}

void Totals::merge_exceptions(std::vector<ExceptionCount>&& more) {
    auto all = std::make_shared<std::vector<ExceptionCount>>(*exceptions_);
    for (ExceptionCount& thrown : more) {
        const auto same = [&](const ExceptionCount& known) {
            return known.text == thrown.text && known.type == thrown.type &&
                   known.where == thrown.where;
        };
        auto place = std::find_if(all->begin(), all->end(), same);
        if (place == all->end() && all->size() >= kMostExceptions) {
            warn_once(exceptions_warning(kMostExceptions));
            thrown = {.where = std::string(kOtherExceptions), .count = thrown.count};
            place = std::find_if(all->begin(), all->end(), same);
        }
        if (place == all->end()) {
            all->push_back(std::move(thrown));
        } else {
            place->count += thrown.count;
        }
    }
    exceptions_ = std::move(all);
}

void Totals::warn_once(std::string text) {
    if (std::find(warnings_.begin(), warnings_.end(), text) == warnings_.end()) {
        warnings_.push_back(std::move(text));
    }
}

void Totals::reset(base::WallTime start) {
    start_ = start;
    const auto zeroed = [](const Slot& slot) {
        Slot fresh{.entry = std::make_shared<Entry>()};
        fresh.entry->key = slot.entry->key;
        return fresh;
    };
    total_ = zeroed(total_);
    for (Slot& slot : entries_) slot = zeroed(slot);
    errors_.clear();
    index_.reset();
    exceptions_ = std::make_shared<const std::vector<ExceptionCount>>();
    metrics_.reset();
    generator_share_.clear();
    busy_ = {};
    machine_ = {};
    shortages_ = {};
    uncertain_exchanges_ = 0;
}

void Totals::sample_history(base::WallTime now, std::int64_t user_count) {
    auto points = std::make_shared<std::vector<HistoryPoint>>(*history_);
    if (points->size() >= kMostHistory) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < points->size(); i += 2) (*points)[kept++] = (*points)[i];
        points->resize(kept);
    }
    points->push_back({.time = now,
                       .user_count = user_count,
                       .current = current_rates(total()),
                       .current_median = total().current_percentile(0.5, now),
                       .current_p95 = total().current_percentile(0.95, now),
                       .average = total().average()});
    history_ = std::move(points);
}

std::vector<std::shared_ptr<const Entry>> Totals::entries() const {
    std::vector<std::shared_ptr<const Entry>> sorted;
    sorted.reserve(entries_.size());
    for (const Slot& slot : entries_) sorted.push_back(slot.entry);
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return std::tie(a->name(), a->method()) < std::tie(b->name(), b->method());
    });
    return sorted;
}

std::vector<std::shared_ptr<const ErrorCount>> Totals::errors() const {
    std::vector<std::shared_ptr<const ErrorCount>> errors;
    errors.reserve(errors_.size());
    for (const ErrorSlot& slot : errors_) errors.push_back(slot.error);
    return errors;
}

Rates Totals::current_rates(const Entry& entry) const {
    using std::chrono::seconds;
    if (!total().last_request) return {};
    const auto whole = [](base::WallTime time) {
        return std::chrono::floor<seconds>(time).time_since_epoch().count();
    };
    const std::int64_t last = whole(*total().last_request);
    const std::int64_t first = std::max(last - 12, whole(start_));
    const std::int64_t end = last - 2;
    if (first >= end) return {};
    Rates sum;
    for (std::int64_t second = first; second < end; ++second) {
        const SecondCounts counts = entry.seconds.at(second);
        sum.requests_per_s += counts.requests;
        sum.failures_per_s += counts.failures;
    }
    const auto length = static_cast<double>(end - first);
    return {sum.requests_per_s / length, sum.failures_per_s / length};
}

Rates Totals::total_rates(const Entry& entry) const {
    if (!total().last_request || *total().last_request <= start_) return {};
    const double elapsed = std::chrono::duration<double>(*total().last_request - start_).count();
    return {static_cast<double>(entry.counts.requests) / elapsed,
            static_cast<double>(entry.counts.failures) / elapsed};
}

GeneratorFigures Totals::generator() const {
    const double all_time = total().response_times.sum_ns();
    const double busy_mean = ratio(busy_.busy_sum, busy_.wall_sum);
    return {.share_p50 = generator_share_.median(),
            .share_p99 = generator_share_.percentile(0.99),
            .share_of_response_time = all_time > 0 ? generator_share_.sum_ns() / all_time : 0,
            .busy_last = busy_.last.share(),
            .busy_max = std::max(busy_.highest, busy_mean),  // a short test has no whole second
            .busy_mean = busy_mean,
            .seconds_watched = busy_.watched,
            .seconds_too_busy = busy_.too_busy};
}

}  // namespace cicada::stats
