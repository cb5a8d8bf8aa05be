// SPDX-License-Identifier: Apache-2.0
#include "stats/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "stats/caps.hpp"
#include "stats/hash_index.hpp"

namespace cicada::stats {
namespace {

using std::chrono::seconds;

std::uint64_t hash_of_key(std::string_view method, std::string_view name) {
    return hash_of(name, hash_of(method));
}

// At most kLongestText bytes, never ending within a UTF-8 sequence.
std::string_view shortened(std::string_view text) {
    if (text.size() <= Recorder::kLongestText) return text;
    std::size_t end = Recorder::kLongestText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

struct LiveEntry {
    SharedKey key;
    Counts counts{};
    Histogram response_times{};
    std::vector<SecondCounts> seconds{};  // ascending
    base::TimePoint last_completed{};
    bool touched = false;  // since the last take(): it stands in touched_

    SecondCounts& at(std::int64_t second);
};

SecondCounts& LiveEntry::at(std::int64_t second) {
    if (!seconds.empty() && seconds.back().second == second) [[likely]] {
        return seconds.back();
    }
    const auto place = std::lower_bound(
        seconds.begin(), seconds.end(), second, [](const SecondCounts& known, std::int64_t wanted) {
            return known.second < wanted;
        });
    if (place != seconds.end() && place->second == second) return *place;
    return *seconds.insert(place, {.second = second});
}

struct LiveError {
    std::uint32_t entry;
    std::string text;
    std::uint64_t occurrences = 0;
    base::TimePoint first_seen{};
    base::TimePoint last_seen{};
};

}  // namespace

class Recorder::Impl {
public:
    Impl(ClockPair clock, const RecorderOptions& options) : clock_(clock), options_(options) {}

    EntryId entry(std::string_view method, std::string_view name);
    void record(EntryId id, const Observation& observation);
    void record_aborted(EntryId id, const Exchanges& exchanges);
    void record_exception(std::string_view type, std::string_view text, std::string_view where);
    void record_busy(base::TimePoint now, nanoseconds busy, nanoseconds wall);
    Delta take(base::TimePoint now);

    [[nodiscard]] base::WallTime wall(base::TimePoint at) const {
        return clock_.wall +
               std::chrono::duration_cast<base::WallTime::duration>(at - clock_.steady);
    }

private:
    [[nodiscard]] bool is(std::uint32_t place,
                          std::string_view method,
                          std::string_view name) const {
        const EntryKey& key = *entries_[place].key;
        return key.name == name && key.method == method;
    }

    LiveEntry& touched(EntryId id);
    std::uint32_t add_entry(std::uint64_t hash, std::string_view method, std::string_view name);
    std::uint32_t find_error(std::uint32_t entry, std::string_view text) const;
    std::uint32_t add_error(std::uint32_t entry, std::string_view text);
    [[nodiscard]] std::uint32_t record_failure(std::uint32_t entry, const Observation& observation);
    std::uint32_t find_exception(std::string_view type,
                                 std::string_view text,
                                 std::string_view where) const;
    std::int64_t second_of(base::TimePoint at);

    // One thread writes, so that no locked instruction is needed.
    void note_finished(const Exchanges& exchanges) {
        std::atomic<std::uint64_t>* const finished = options_.finished_exchanges;
        if (finished == nullptr) return;
        finished->store(finished->load(std::memory_order_relaxed) + exchanges.count(),
                        std::memory_order_relaxed);
    }

    ClockPair clock_;
    RecorderOptions options_;

    std::vector<LiveEntry> entries_;
    HashIndex entry_index_;
    std::uint32_t last_used_ = 0;
    std::uint32_t other_entry_ = HashIndex::kNone;
    std::vector<std::uint32_t> touched_;

    std::vector<LiveError> errors_;
    HashIndex error_index_;
    std::size_t distinct_errors_ = 0;  // without the rows of "other errors"

    std::vector<ExceptionCount> exceptions_;
    HashIndex exception_index_;

    Histogram generator_share_;
    std::vector<BusySecond> busy_;
    std::vector<std::string> warnings_;

    // The second that was asked for last: requests mostly end in the present one.
    std::int64_t second_ = 0;
    base::TimePoint second_begin_ = base::TimePoint::max();
};

EntryId Recorder::Impl::entry(std::string_view method, std::string_view name) {
    if (!entries_.empty() && is(last_used_, method, name)) return {last_used_};
    const std::uint64_t hash = hash_of_key(method, name);
    std::uint32_t place = entry_index_.find(
        hash, [&](std::uint32_t candidate) { return is(candidate, method, name); });
    if (place == HashIndex::kNone) place = add_entry(hash, method, name);
    last_used_ = place;
    return {place};
}

std::uint32_t Recorder::Impl::add_entry(std::uint64_t hash,
                                        std::string_view method,
                                        std::string_view name) {
    const bool full = entries_.size() >= options_.most_names;
    if (full && other_entry_ != HashIndex::kNone) return other_entry_;
    if (full) {
        warnings_.push_back(names_warning(options_.most_names));
        other_entry_ = static_cast<std::uint32_t>(entries_.size());
        hash = hash_of_key("", kOtherName);
        method = "";
        name = kOtherName;
    }
    const auto place = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({.key = std::make_shared<const EntryKey>(
                            EntryKey{std::string(method), std::string(name)})});
    entry_index_.insert(hash, place);
    if (options_.observer != nullptr) options_.observer->on_new_entry(place, *entries_.back().key);
    return place;
}

LiveEntry& Recorder::Impl::touched(EntryId id) {
    LiveEntry& entry = entries_[id.index];
    if (!entry.touched) {
        entry.touched = true;
        touched_.push_back(id.index);
    }
    return entry;
}

std::int64_t Recorder::Impl::second_of(base::TimePoint at) {
    if (at < second_begin_ || at - second_begin_ >= seconds(1)) {
        const auto second = std::chrono::floor<seconds>(wall(at));
        second_ = second.time_since_epoch().count();
        second_begin_ = clock_.steady + (second - clock_.wall);
    }
    return second_;
}

void Recorder::Impl::record(EntryId id, const Observation& observation) {
    LiveEntry& entry = touched(id);
    SecondCounts& second = entry.at(second_of(observation.completed));
    ++second.requests;
    ++entry.counts.requests;
    entry.counts.bytes += observation.bytes;
    entry.counts.sent += observation.exchanges.sent ? 1 : 0;
    entry.counts.redirects += observation.exchanges.redirects;
    entry.counts.resends += observation.exchanges.resends;
    entry.response_times.record(observation.response_time);
    entry.last_completed = std::max(entry.last_completed, observation.completed);
    if (observation.generator_share) generator_share_.record(*observation.generator_share);
    std::uint32_t error = RecordObserver::kNone;
    if (observation.failed) {
        ++second.failures;
        ++entry.counts.failures;
        error = record_failure(id.index, observation);
    }
    note_finished(observation.exchanges);
    if (options_.observer != nullptr) options_.observer->on_request(id.index, observation, error);
}

void Recorder::Impl::record_aborted(EntryId id, const Exchanges& exchanges) {
    Counts& counts = touched(id).counts;
    counts.aborted += exchanges.sent ? 1 : 0;
    counts.redirects += exchanges.redirects;
    counts.resends += exchanges.resends;
    note_finished(exchanges);
    if (options_.observer != nullptr) options_.observer->on_aborted(id.index, exchanges);
}

std::uint32_t Recorder::Impl::find_error(std::uint32_t entry, std::string_view text) const {
    return error_index_.find(hash_of(text, entry), [&](std::uint32_t candidate) {
        return errors_[candidate].entry == entry && errors_[candidate].text == text;
    });
}

std::uint32_t Recorder::Impl::add_error(std::uint32_t entry, std::string_view text) {
    if (text != kOtherErrors) {
        if (distinct_errors_ >= options_.most_error_texts) {
            const std::uint32_t other = find_error(entry, kOtherErrors);
            return other != HashIndex::kNone ? other : add_error(entry, kOtherErrors);
        }
        if (++distinct_errors_ == options_.most_error_texts) {
            warnings_.push_back(errors_warning(options_.most_error_texts));
        }
    }
    const auto place = static_cast<std::uint32_t>(errors_.size());
    errors_.push_back({.entry = entry, .text = std::string(text)});
    error_index_.insert(hash_of(text, entry), place);
    if (options_.observer != nullptr) options_.observer->on_new_error(place, text);
    return place;
}

std::uint32_t Recorder::Impl::record_failure(std::uint32_t entry, const Observation& observation) {
    const std::string_view text =
        observation.error.empty() ? "failed" : shortened(observation.error);
    std::uint32_t place = find_error(entry, text);
    if (place == HashIndex::kNone) place = add_error(entry, text);
    LiveError& error = errors_[place];
    if (error.occurrences++ == 0) error.first_seen = error.last_seen = observation.completed;
    error.first_seen = std::min(error.first_seen, observation.completed);
    error.last_seen = std::max(error.last_seen, observation.completed);
    return place;
}

std::uint32_t Recorder::Impl::find_exception(std::string_view type,
                                             std::string_view text,
                                             std::string_view where) const {
    return exception_index_.find(
        hash_of(where, hash_of(text, hash_of(type))), [&](std::uint32_t candidate) {
            const ExceptionCount& known = exceptions_[candidate];
            return known.text == text && known.type == type && known.where == where;
        });
}

void Recorder::Impl::record_exception(std::string_view type,
                                      std::string_view text,
                                      std::string_view where) {
    text = shortened(text);
    std::uint32_t place = find_exception(type, text, where);
    if (place == HashIndex::kNone && exceptions_.size() >= options_.most_exceptions) {
        type = text = "";
        where = kOtherExceptions;
        place = find_exception(type, text, where);
        if (place == HashIndex::kNone) {
            warnings_.push_back(exceptions_warning(options_.most_exceptions));
        }
    }
    if (place == HashIndex::kNone) {
        place = static_cast<std::uint32_t>(exceptions_.size());
        exceptions_.push_back({std::string(type), std::string(text), std::string(where)});
        exception_index_.insert(hash_of(where, hash_of(text, hash_of(type))), place);
        if (options_.observer != nullptr) {
            options_.observer->on_new_exception(place, exceptions_[place]);
        }
    }
    ++exceptions_[place].count;
    if (options_.observer != nullptr) options_.observer->on_exception(place);
}

void Recorder::Impl::record_busy(base::TimePoint now, nanoseconds busy, nanoseconds wall_time) {
    busy_.push_back({second_of(now), busy, wall_time});
    if (options_.observer != nullptr) options_.observer->on_busy(now, busy, wall_time);
}

Delta Recorder::Impl::take(base::TimePoint now) {
    Delta delta{.taken = wall(now)};
    delta.entries.reserve(touched_.size());
    for (const std::uint32_t place : touched_) {
        LiveEntry& entry = entries_[place];
        EntryDelta& part = delta.entries.emplace_back();
        part.key = entry.key;
        part.counts = std::exchange(entry.counts, {});
        part.seconds = entry.seconds;
        if (!entry.response_times.empty()) {
            part.response_times = entry.response_times.take();
            part.last_request = wall(entry.last_completed);
        }
        entry.seconds.clear();
        entry.touched = false;
    }
    touched_.clear();
    for (LiveError& error : errors_) {
        if (error.occurrences == 0) continue;
        delta.errors.push_back({entries_[error.entry].key,
                                error.text,
                                std::exchange(error.occurrences, 0),
                                wall(error.first_seen),
                                wall(error.last_seen)});
    }
    for (ExceptionCount& thrown : exceptions_) {
        if (thrown.count == 0) continue;
        delta.exceptions.push_back(thrown);
        thrown.count = 0;
    }
    delta.generator_share = generator_share_.take();
    delta.busy = std::exchange(busy_, {});
    delta.warnings = std::exchange(warnings_, {});
    return delta;
}

Recorder::Recorder(ClockPair clock, const RecorderOptions& options)
    : impl_(std::make_unique<Impl>(clock, options)), observer_(options.observer) {
    metrics_.tell_all_to(observer_);
    if (observer_ != nullptr) observer_->on_begin(clock);
}

Recorder::~Recorder() = default;

EntryId Recorder::entry(std::string_view method, std::string_view name) {
    return impl_->entry(method, name);
}

void Recorder::record(EntryId entry, const Observation& observation) {
    impl_->record(entry, observation);
}

void Recorder::record_aborted(EntryId entry, const Exchanges& exchanges) {
    impl_->record_aborted(entry, exchanges);
}

void Recorder::record_exception(std::string_view type,
                                std::string_view text,
                                std::string_view where) {
    impl_->record_exception(type, text, where);
}

void Recorder::record_busy(base::TimePoint now, nanoseconds busy, nanoseconds wall_time) {
    impl_->record_busy(now, busy, wall_time);
}

Delta Recorder::take(base::TimePoint now) {
    Delta delta = impl_->take(now);
    metrics_.take(delta.metrics, delta.warnings);
    delta.shortages = std::exchange(shortages_, {});
    ++takes_;
    if (observer_ != nullptr) observer_->on_taken(takes_);
    return delta;
}

base::WallTime Recorder::wall(base::TimePoint at) const {
    return impl_->wall(at);
}

}  // namespace cicada::stats
