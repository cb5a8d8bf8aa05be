// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace cicada::stats {

using std::chrono::nanoseconds;

/// The distribution of a time, in log-linear buckets (after Gil Tene's HdrHistogram).
///
/// Range:  0 to one hour; below and above is counted in the first and last bucket. min(), max(),
///         count() and mean() are exact in any case.
/// Error:  at most 0.4 % of the true order statistic (128 buckets in each power of two; exact below
///         128 ns), and never outside [min, max].
/// Memory: about 250 bytes, and 256 more for each quarter of a power of two that was ever hit;
///         at most 36 KiB.
class Histogram {
public:
    static constexpr nanoseconds kHighest = std::chrono::hours(1);

    void record(nanoseconds value) { record_many(value, 1); }

    void record_many(nanoseconds value, std::uint64_t times) {
        const std::int64_t exact = std::max<std::int64_t>(value.count(), 0);
        const std::size_t bucket = bucket_of(exact);
        std::uint8_t& slot = page_of_[bucket / kPageSize];
        if (slot == 0) [[unlikely]] {
            slot = new_page();
        }
        pages_[slot - 1U][bucket % kPageSize] += times;
        min_ns_ = std::min(min_ns_, exact);
        max_ns_ = std::max(max_ns_, exact);
        count_ += times;
        sum_ns_ += static_cast<double>(exact) * static_cast<double>(times);
    }

    void merge(const Histogram& other);

    /// All that has been recorded, compactly; this one is empty then but keeps its memory.
    [[nodiscard]] Histogram take();

    void clear();

    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] nanoseconds min() const { return nanoseconds(empty() ? 0 : min_ns_); }
    [[nodiscard]] nanoseconds max() const { return nanoseconds(max_ns_); }
    [[nodiscard]] nanoseconds mean() const;  ///< 0 when empty
    [[nodiscard]] double sum_ns() const { return sum_ns_; }

    /// The value below which a `part` (0 to 1) of the values lies: number floor(count * part), from
    /// 0, of the sorted values; 0 when empty. Source of the rank: Locust, stats.py.
    [[nodiscard]] nanoseconds percentile(double part) const;

    /// Number floor((count - 1) / 2) of the sorted values; 0 when empty. Source: as above.
    [[nodiscard]] nanoseconds median() const;

    /// Calls `see(nanoseconds middle, std::uint64_t count)` for each bucket that is not empty, in
    /// ascending order.
    template <class Function>
    void for_each(Function see) const;

    /// The same distribution in Locust's buckets: whole milliseconds and counts.
    [[nodiscard]] std::map<std::int64_t, std::uint64_t> locust_buckets() const;

    [[nodiscard]] std::size_t memory() const;  ///< bytes, without the object itself

private:
    static constexpr std::size_t kSubBits = 7;
    static constexpr std::size_t kSubBuckets = std::size_t{1} << kSubBits;
    static constexpr std::size_t kPageSize = 32;
    static constexpr std::size_t kPages = 143;  // histogram.cpp checks that they reach kHighest

public:
    // For who carries a histogram elsewhere, as its buckets and what is exact.

    /// A bucket and how many values fell into it. Number b holds, in ns, the value b below 128;
    /// from there on those whose highest 8 bits are 128 + b % 128, shifted left by b / 128 - 1.
    struct Bucket {
        std::uint32_t number = 0;  ///< below kBuckets
        std::uint64_t count = 0;   ///< above 0
    };
    static constexpr std::size_t kBuckets = kPages * kPageSize;
    static constexpr std::uint64_t kMostValues = std::uint64_t{1} << 53;

    /// Calls `see(Bucket)` for each that is not empty, in ascending order.
    template <class Function>
    void for_each_bucket(Function see) const;

    /// The histogram with these buckets. Nothing: there is none, e.g. they do not ascend.
    [[nodiscard]] static std::optional<Histogram> of(std::span<const Bucket> buckets,
                                                     nanoseconds min,
                                                     nanoseconds max,
                                                     double sum_ns);

    /// States what is exact of values that had been rounded before they were recorded.
    /// Shape: not empty; 0 <= min <= max, sum_ns finite.
    void correct(nanoseconds min, nanoseconds max, double sum_ns);

private:
    static constexpr std::int64_t kHighestNs = nanoseconds(kHighest).count();

    using Page = std::array<std::uint64_t, kPageSize>;

    // Below 2^7 a bucket holds one value; each power of two above has 2^7 buckets of equal width.
    static constexpr std::size_t bucket_of(std::int64_t ns) {
        const auto value = static_cast<std::uint64_t>(std::min(ns, kHighestNs));
        if (value < kSubBuckets) return value;
        const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 1 - kSubBits;
        return (shift << kSubBits) + (value >> shift);
    }

    static constexpr std::int64_t middle_of(std::size_t bucket) {
        if (bucket < 2 * kSubBuckets) return static_cast<std::int64_t>(bucket);
        const std::size_t shift = (bucket >> kSubBits) - 1;
        const std::size_t lowest = (bucket - (shift << kSubBits)) << shift;
        return static_cast<std::int64_t>(lowest + ((std::size_t{1} << shift) - 1) / 2);
    }

    [[nodiscard]] std::uint8_t new_page();
    [[nodiscard]] nanoseconds value_at(std::uint64_t rank) const;
    [[nodiscard]] nanoseconds clamped(std::int64_t ns) const {
        return nanoseconds(std::clamp(ns, min_ns_, max_ns_));
    }

    std::array<std::uint8_t, kPages> page_of_{};  // 0: none, else its place in pages_ plus 1
    std::vector<Page> pages_;
    std::uint64_t count_ = 0;
    double sum_ns_ = 0;
    std::int64_t min_ns_ = INT64_MAX;
    std::int64_t max_ns_ = 0;
};

template <class Function>
void Histogram::for_each_bucket(Function see) const {
    for (std::size_t number = 0; number < kPages; ++number) {
        if (page_of_[number] == 0) continue;
        const Page& page = pages_[page_of_[number] - 1U];
        for (std::size_t i = 0; i < kPageSize; ++i) {
            if (page[i] != 0) {
                see(Bucket{static_cast<std::uint32_t>(number * kPageSize + i), page[i]});
            }
        }
    }
}

template <class Function>
void Histogram::for_each(Function see) const {
    for_each_bucket(
        [&](const Bucket& bucket) { see(clamped(middle_of(bucket.number)), bucket.count); });
}

/// The bucket in which Locust counts a response time.
///
/// Units:  milliseconds in and out; not negative.
/// Shape:  to the nearest 1 below 100 ms, then the nearest 10 (to 1 s), 100 (to 10 s) or 1000 ms.
///         Halves go to the even neighbour: 105 -> 100, 115 -> 120.
/// Source: Locust, stats.py, log_response_time(); kept so that reports compare line by line.
[[nodiscard]] std::int64_t locust_bucket(double response_time_ms);

}  // namespace cicada::stats
