// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "stats/hash_index.hpp"
#include "stats/metric.hpp"

namespace cicada::stats {

/// Which series a value belongs to; valid as long as its recorder.
struct MetricId {
    std::uint32_t index = 0;
};

class RecordObserver;

/// One of a metric: its name and its value.
using MetricTag = std::pair<std::string_view, std::string_view>;

/// What a test or the program counts beside requests: part of the Recorder, see
/// Recorder::metrics().
///
/// A value told to a series with tags is also told to the metric's series without.
/// Threads: the engine's only. Reads no clock. A value of a known series allocates nothing, but for
/// a trend's new buckets.
class MetricRecorder {
public:
    static constexpr std::size_t kMostSeries = 2'000;  ///< then values go to those without tags,
                                                       ///< of new names to "(other)"

    /// The series, made when it is new. Shape: at most 100 bytes of a name and of a tag count.
    [[nodiscard]] MetricId series(MetricKind kind,
                                  std::string_view name,
                                  std::span<const MetricTag> tags = {},
                                  MetricUnit unit = MetricUnit::Number);

    void add(MetricId counter, double amount);
    void set(MetricId gauge, double value, base::WallTime now);
    void tell(MetricId rate_or_check, bool passed);
    void observe(MetricId trend, nanoseconds time) { observe_many(trend, time); }
    void observe(MetricId trend, double number) { observe_many(trend, trend_step(number)); }

    /// Hands over what there is since the last call, and the complaints.
    void take(std::vector<MetricDelta>& metrics, std::vector<std::string>& warnings);

    /// Null: to nobody. Before the first series.
    void tell_all_to(RecordObserver* observer) { observer_ = observer; }

private:
    struct Live {
        SharedMetricKey key;
        std::uint32_t whole;  // the series without tags; itself, if it is that
        MetricValues values{};
        bool touched = false;
    };

    [[nodiscard]] std::uint32_t find(MetricKind kind, MetricUnit unit, std::string_view name) const;
    [[nodiscard]] std::uint32_t find_or_make(MetricKind kind,
                                             MetricUnit unit,
                                             std::string_view name);
    void write_tags(std::span<const MetricTag> tags);
    void observe_many(MetricId trend, nanoseconds step);

    // Calls `change(values)` for the series and for the one without tags.
    template <class Change>
    void change(MetricId id, Change change);

    std::vector<Live> series_;
    HashIndex index_;
    std::vector<std::uint32_t> touched_;
    std::string tags_;               // written by write_tags(), kept for its memory
    std::vector<MetricTag> sorted_;  // as tags_
    std::vector<std::string> warnings_;
    bool warned_ = false;
    RecordObserver* observer_ = nullptr;
};

}  // namespace cicada::stats
