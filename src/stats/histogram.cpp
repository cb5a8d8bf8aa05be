// SPDX-License-Identifier: Apache-2.0
#include "stats/histogram.hpp"

#include <cmath>

namespace cicada::stats {

std::uint8_t Histogram::new_page() {
    static_assert(bucket_of(kHighestNs) / kPageSize + 1 == kPages);
    static_assert(kPages <= UINT8_MAX);
    pages_.emplace_back();
    return static_cast<std::uint8_t>(pages_.size());
}

void Histogram::merge(const Histogram& other) {
    for (std::size_t number = 0; number < kPages; ++number) {
        if (other.page_of_[number] == 0) continue;
        if (page_of_[number] == 0) page_of_[number] = new_page();
        const Page& from = other.pages_[other.page_of_[number] - 1U];
        Page& into = pages_[page_of_[number] - 1U];
        for (std::size_t i = 0; i < kPageSize; ++i) into[i] += from[i];
    }
    count_ += other.count_;
    sum_ns_ += other.sum_ns_;
    min_ns_ = std::min(min_ns_, other.min_ns_);
    max_ns_ = std::max(max_ns_, other.max_ns_);
}

Histogram Histogram::take() {
    Histogram taken;
    const auto in_use = [](const Page& page) {
        return std::any_of(
            page.begin(), page.end(), [](std::uint64_t count) { return count != 0; });
    };
    taken.pages_.reserve(
        static_cast<std::size_t>(std::count_if(pages_.begin(), pages_.end(), in_use)));
    for (std::size_t number = 0; number < kPages; ++number) {
        if (page_of_[number] == 0) continue;
        const Page& page = pages_[page_of_[number] - 1U];
        if (!in_use(page)) continue;
        taken.pages_.push_back(page);
        taken.page_of_[number] = static_cast<std::uint8_t>(taken.pages_.size());
    }
    taken.count_ = count_;
    taken.sum_ns_ = sum_ns_;
    taken.min_ns_ = min_ns_;
    taken.max_ns_ = max_ns_;
    clear();
    return taken;
}

void Histogram::clear() {
    std::fill(pages_.begin(), pages_.end(), Page{});
    count_ = 0;
    sum_ns_ = 0;
    min_ns_ = INT64_MAX;
    max_ns_ = 0;
}

std::optional<Histogram> Histogram::of(std::span<const Bucket> buckets,
                                       nanoseconds min,
                                       nanoseconds max,
                                       double sum_ns) {
    Histogram made;
    if (buckets.empty()) return made;
    std::size_t pages = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const Bucket& bucket = buckets[i];
        if (bucket.number >= kBuckets || bucket.count == 0) return std::nullopt;
        if (bucket.count > kMostValues - made.count_) return std::nullopt;
        if (i > 0 && bucket.number <= buckets[i - 1].number) return std::nullopt;
        if (i == 0 || bucket.number / kPageSize != buckets[i - 1].number / kPageSize) ++pages;
        made.count_ += bucket.count;
    }
    if (min < nanoseconds(0) || min > max) return std::nullopt;
    if (!std::isfinite(sum_ns) || sum_ns < 0) return std::nullopt;

    made.pages_.reserve(pages);
    for (const Bucket& bucket : buckets) {
        std::uint8_t& slot = made.page_of_[bucket.number / kPageSize];
        if (slot == 0) slot = made.new_page();
        made.pages_[slot - 1U][bucket.number % kPageSize] = bucket.count;
    }
    made.correct(min, max, sum_ns);
    return made;
}

void Histogram::correct(nanoseconds min, nanoseconds max, double sum_ns) {
    min_ns_ = min.count();
    max_ns_ = max.count();
    sum_ns_ = sum_ns;
}

nanoseconds Histogram::mean() const {
    if (empty()) return nanoseconds(0);
    return nanoseconds(std::llround(sum_ns_ / static_cast<double>(count_)));
}

nanoseconds Histogram::percentile(double part) const {
    if (empty()) return nanoseconds(0);
    const double rank = static_cast<double>(count_) * std::clamp(part, 0.0, 1.0);
    return value_at(std::min(static_cast<std::uint64_t>(rank), count_ - 1));
}

nanoseconds Histogram::median() const {
    return empty() ? nanoseconds(0) : value_at((count_ - 1) / 2);
}

nanoseconds Histogram::value_at(std::uint64_t rank) const {
    if (rank == 0) return min();
    if (rank == count_ - 1) return max();
    std::uint64_t below = 0;
    for (std::size_t number = 0; number < kPages; ++number) {
        if (page_of_[number] == 0) continue;
        const Page& page = pages_[page_of_[number] - 1U];
        for (std::size_t i = 0; i < kPageSize; ++i) {
            below += page[i];
            if (rank < below) return clamped(middle_of(number * kPageSize + i));
        }
    }
    return max();
}

std::map<std::int64_t, std::uint64_t> Histogram::locust_buckets() const {
    std::map<std::int64_t, std::uint64_t> buckets;
    for_each([&](nanoseconds middle, std::uint64_t count) {
        buckets[locust_bucket(std::chrono::duration<double, std::milli>(middle).count())] += count;
    });
    return buckets;
}

std::size_t Histogram::memory() const {
    return pages_.capacity() * sizeof(Page);
}

std::int64_t locust_bucket(double response_time_ms) {
    const auto to_nearest = [&](double unit) {
        return static_cast<std::int64_t>(std::nearbyint(response_time_ms / unit) * unit);
    };
    if (response_time_ms < 100) return to_nearest(1);
    if (response_time_ms < 1'000) return to_nearest(10);
    if (response_time_ms < 10'000) return to_nearest(100);
    return to_nearest(1'000);
}

}  // namespace cicada::stats
