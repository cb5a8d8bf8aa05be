// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "stats/delta.hpp"
#include "stats/metric_totals.hpp"
#include "stats/second_series.hpp"
#include "stats/verdict.hpp"

namespace cicada::stats {

/// Those shown on the console and in CSV files. Source: Locust, stats.py, PERCENTILES_TO_REPORT.
inline constexpr std::array<double, 11> kReportedPercentiles{
    0.50, 0.66, 0.75, 0.80, 0.90, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0};

/// The statistics of one (method, name), or of all ("", "Aggregated"), over the whole run.
struct Entry {
    SharedKey key{};
    Counts counts{};
    Histogram response_times{};
    SecondSeries seconds{};
    std::optional<base::WallTime> last_request{};
    /// What each of the last seconds added to response_times, oldest first; each shared between
    /// the versions of the entry that snapshots hold.
    std::vector<std::pair<std::int64_t, std::shared_ptr<const Histogram>>> recent{};

    [[nodiscard]] const std::string& method() const { return key->method; }
    [[nodiscard]] const std::string& name() const { return key->name; }

    [[nodiscard]] double fail_ratio() const;  ///< 0 to 1; 1 for failures without requests
    [[nodiscard]] nanoseconds average() const { return response_times.mean(); }
    [[nodiscard]] nanoseconds median() const { return response_times.median(); }
    [[nodiscard]] nanoseconds min() const { return response_times.min(); }  ///< 0: none yet
    [[nodiscard]] nanoseconds max() const { return response_times.max(); }
    [[nodiscard]] nanoseconds percentile(double part) const {
        return response_times.percentile(part);
    }
    [[nodiscard]] double average_bytes() const;

    /// The response times of the ten seconds before `now`.
    [[nodiscard]] Histogram last_seconds(base::WallTime now) const;

    /// Of last_seconds(); nothing: no request in them.
    [[nodiscard]] std::optional<nanoseconds> current_percentile(double part,
                                                                base::WallTime now) const;

    void merge(EntryDelta&& delta, base::WallTime taken);
};

struct Rates {
    double requests_per_s = 0;
    double failures_per_s = 0;
};

/// One point of the charts. Source of the contents: Locust, stats.py, stats_history().
struct HistoryPoint {
    base::WallTime time{};
    std::int64_t user_count = 0;
    Rates current{};
    std::optional<nanoseconds> current_median{};
    std::optional<nanoseconds> current_p95{};
    nanoseconds average{};
};

/// What the generator itself cost: whether the figures can be believed.
struct GeneratorFigures {
    nanoseconds share_p50{};  ///< of one request
    nanoseconds share_p99{};
    double share_of_response_time = 0;  ///< of all response time in sum, 0 to 1
    double busy_last = 0;               ///< the engine's busy share, 0 to 1: last second,
    double busy_max = 0;                ///< the busiest,
    double busy_mean = 0;               ///< all
    std::int64_t seconds_watched = 0;
    std::int64_t seconds_too_busy = 0;  ///< above Totals::kBusyTooHigh
};

/// All statistics of a run: merged deltas, of one engine or of many.
///
/// Copying is cheap: entries are shared until either copy merges into them. Reads no clock.
/// Threads: one at a time; a copy may be read on any other thread.
class Totals {
public:
    static constexpr std::size_t kMostNames = 10'000;
    static constexpr std::size_t kMostErrors = 12'000;
    static constexpr std::size_t kMostExceptions = 1'000;
    static constexpr std::size_t kMostHistory = 4'000;  ///< then every second point goes
    static constexpr double kBusyTooHigh = 0.90;        ///< of a second

    explicit Totals(base::WallTime start);
    Totals(const Totals& other);
    Totals(Totals&&) noexcept;
    Totals& operator=(const Totals& other);
    Totals& operator=(Totals&&) noexcept;
    ~Totals();

    void merge(Delta&& delta);

    /// Everything to zero but the history; entries stay, with zeroes, as in Locust. (A new test
    /// begins with new Totals.)
    void reset(base::WallTime start);

    /// Adds a point to history(); called every 5 s of a test.
    void sample_history(base::WallTime now, std::int64_t user_count);

    /// Sorted by (name, method); without the total.
    [[nodiscard]] std::vector<std::shared_ptr<const Entry>> entries() const;
    [[nodiscard]] const Entry& total() const { return *total_.entry; }

    /// Calls `see(const Entry&)` for each, in no order; without the total.
    template <class Function>
    void for_each_entry(Function see) const {
        for (const Slot& slot : entries_) see(*slot.entry);
    }

    [[nodiscard]] std::vector<std::shared_ptr<const ErrorCount>> errors() const;  ///< as first seen
    [[nodiscard]] const std::vector<ExceptionCount>& exceptions() const { return *exceptions_; }
    [[nodiscard]] const std::vector<HistoryPoint>& history() const { return *history_; }

    /// What the test counted beside requests.
    [[nodiscard]] const MetricTotals& metrics() const { return metrics_; }

    /// Of the ten seconds that ended three seconds before the last request of all entries.
    /// Source: Locust, stats.py, current_rps.
    [[nodiscard]] Rates current_rates(const Entry& entry) const;

    /// Of all the time from the start to the last request of all entries.
    [[nodiscard]] Rates total_rates(const Entry& entry) const;

    [[nodiscard]] base::WallTime start() const { return start_; }
    [[nodiscard]] GeneratorFigures generator() const;

    /// Whether the figures can be trusted, and why not.
    [[nodiscard]] Verdict verdict() const;

    /// What the machine did meanwhile; comes from where the machine is watched.
    void add(const MachineUse& use) { machine_.add(use); }
    [[nodiscard]] const MachineUse& machine() const { return machine_; }
    [[nodiscard]] const Shortages& shortages() const { return shortages_; }

    /// See Delta: the exchanges that reached the wire are total().counts.exchanges(), or up to so
    /// many more.
    [[nodiscard]] std::uint64_t uncertain_exchanges() const { return uncertain_exchanges_; }

    /// What the recorders complained of, e.g. too many names; a sentence each.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

private:
    // Copies of Totals share the entry; whoever merges into it next takes a copy of it first.
    struct Slot {
        std::shared_ptr<Entry> entry{};
        mutable bool shared = false;

        Entry& writable();
    };
    struct ErrorSlot {
        std::shared_ptr<ErrorCount> error{};
        mutable bool shared = false;
    };
    struct Busy {
        BusySecond last{};
        double highest = 0;
        nanoseconds busy_sum{};
        nanoseconds wall_sum{};
        std::int64_t watched = 0;
        std::int64_t too_busy = 0;

        void add(const BusySecond& second);
    };
    struct Index;  // where entries and errors stand; not copied, made again when needed

    void mark_shared() const;
    [[nodiscard]] Index& index();
    void merge_entry(EntryDelta&& delta, base::WallTime taken);
    void merge_error(ErrorCount&& error);
    void merge_exceptions(std::vector<ExceptionCount>&& more);
    void warn_once(std::string text);

    base::WallTime start_;
    Slot total_;
    std::vector<Slot> entries_;
    std::vector<ErrorSlot> errors_;
    std::shared_ptr<const std::vector<ExceptionCount>> exceptions_;  // shared between copies
    std::shared_ptr<const std::vector<HistoryPoint>> history_;       // shared between copies
    MetricTotals metrics_;
    Histogram generator_share_;
    Busy busy_;
    MachineUse machine_;
    Shortages shortages_;
    std::uint64_t uncertain_exchanges_ = 0;
    std::vector<std::string> warnings_;
    std::unique_ptr<Index> index_;
};

}  // namespace cicada::stats
