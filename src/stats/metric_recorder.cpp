// SPDX-License-Identifier: Apache-2.0
#include "stats/metric_recorder.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "stats/caps.hpp"
#include "stats/record_observer.hpp"

namespace cicada::stats {
namespace {

constexpr std::size_t kLongestName = 100;

// At most kLongestName bytes, never ending within a UTF-8 sequence.
std::string_view shortened(std::string_view text) {
    if (text.size() <= kLongestName) return text;
    std::size_t end = kLongestName;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

std::uint64_t hash_of_series(MetricKind kind,
                             MetricUnit unit,
                             std::string_view name,
                             std::string_view tags) {
    const auto seed = static_cast<std::uint64_t>(kind) * 2 + static_cast<std::uint64_t>(unit);
    return hash_of(tags, hash_of(name, seed));
}

}  // namespace

std::uint32_t MetricRecorder::find(MetricKind kind, MetricUnit unit, std::string_view name) const {
    return index_.find(hash_of_series(kind, unit, name, tags_), [&](std::uint32_t candidate) {
        const MetricKey& key = *series_[candidate].key;
        return key.kind == kind && key.unit == unit && key.name == name && key.tags == tags_;
    });
}

std::uint32_t MetricRecorder::find_or_make(MetricKind kind,
                                           MetricUnit unit,
                                           std::string_view name) {
    std::uint32_t place = find(kind, unit, name);
    if (place != HashIndex::kNone) return place;
    place = static_cast<std::uint32_t>(series_.size());
    index_.insert(hash_of_series(kind, unit, name, tags_), place);
    series_.push_back(
        {.key = std::make_shared<const MetricKey>(MetricKey{kind, unit, std::string(name), tags_}),
         .whole = place});
    if (observer_ != nullptr) observer_->on_new_series(place, *series_.back().key);
    return place;
}

// What separates tags in a row must not occur within one.
void MetricRecorder::write_tags(std::span<const MetricTag> tags) {
    tags_.clear();
    sorted_.assign(tags.begin(), tags.end());
    std::sort(sorted_.begin(), sorted_.end());
    const auto append = [this](std::string_view text) {
        for (const char byte : shortened(text)) {
            const bool separates = std::string_view(",={}").find(byte) != std::string_view::npos;
            tags_ += separates ? '_' : byte;
        }
    };
    for (const auto& [name, value] : sorted_) {
        if (!tags_.empty()) tags_ += ',';
        append(name);
        tags_ += '=';
        append(value);
    }
    sorted_.clear();
}

MetricId MetricRecorder::series(MetricKind kind,
                                std::string_view name,
                                std::span<const MetricTag> tags,
                                MetricUnit unit) {
    name = shortened(name);
    write_tags(tags);
    const std::uint32_t known = find(kind, unit, name);
    if (known != HashIndex::kNone) return {known};

    const bool full = series_.size() >= kMostSeries;
    if (full && !warned_) {
        warned_ = true;
        warnings_.push_back(metrics_warning(kMostSeries));
    }
    const std::string wanted = full ? std::string() : tags_;
    tags_.clear();
    const bool name_is_new = full && find(kind, unit, name) == HashIndex::kNone;
    const std::uint32_t whole = find_or_make(kind, unit, name_is_new ? kOtherName : name);
    if (wanted.empty()) return {whole};
    tags_ = wanted;
    const std::uint32_t place = find_or_make(kind, unit, name);
    series_[place].whole = whole;
    return {place};
}

template <class Change>
void MetricRecorder::change(MetricId id, Change change) {
    const auto one = [&](std::uint32_t place) {
        Live& series = series_[place];
        if (!series.touched) {
            series.touched = true;
            touched_.push_back(place);
        }
        ++series.values.count;
        change(series.values);
    };
    one(id.index);
    const std::uint32_t whole = series_[id.index].whole;
    if (whole != id.index) one(whole);
}

void MetricRecorder::add(MetricId counter, double amount) {
    change(counter, [&](MetricValues& values) { values.sum += amount; });
    if (observer_ != nullptr) observer_->on_counted(counter.index, amount);
}

void MetricRecorder::set(MetricId gauge, double value, base::WallTime now) {
    change(gauge, [&](MetricValues& values) {
        const bool first = values.count == 1;
        values.last = value;
        values.last_set = now;
        values.lowest = first ? value : std::min(values.lowest, value);
        values.highest = first ? value : std::max(values.highest, value);
    });
    if (observer_ != nullptr) observer_->on_set(gauge.index, value, now);
}

void MetricRecorder::tell(MetricId rate_or_check, bool passed) {
    change(rate_or_check, [&](MetricValues& values) { values.passed += passed ? 1 : 0; });
    if (observer_ != nullptr) observer_->on_told(rate_or_check.index, passed);
}

void MetricRecorder::observe_many(MetricId trend, nanoseconds step) {
    change(trend, [&](MetricValues& values) { values.distribution.record(step); });
    if (observer_ != nullptr) observer_->on_observed(trend.index, step);
}

void MetricRecorder::take(std::vector<MetricDelta>& metrics, std::vector<std::string>& warnings) {
    metrics.reserve(metrics.size() + touched_.size());
    for (const std::uint32_t place : touched_) {
        Live& series = series_[place];
        Histogram gained = series.values.distribution.take();
        Histogram kept = std::exchange(series.values.distribution, std::move(gained));
        metrics.push_back({series.key, std::exchange(series.values, {})});
        series.values.distribution = std::move(kept);
        series.touched = false;
    }
    touched_.clear();
    std::move(warnings_.begin(), warnings_.end(), std::back_inserter(warnings));
    warnings_.clear();
}

}  // namespace cicada::stats
