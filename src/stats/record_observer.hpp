// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "stats/delta.hpp"
#include "stats/metric.hpp"

namespace cicada::stats {

struct ClockPair;
struct Observation;
struct Exchanges;

/// Hears at once of all that a Recorder and its MetricRecorder are told, e.g. to keep it where a
/// crash does not reach.
///
/// Entries, error texts, exceptions and series are numbered; each is announced before its number is
/// used. Threads: the engine's. Nothing here may suspend, throw or allocate.
class RecordObserver {
public:
    static constexpr std::uint32_t kNone = UINT32_MAX;

    RecordObserver() = default;
    RecordObserver(const RecordObserver&) = delete;
    RecordObserver& operator=(const RecordObserver&) = delete;
    virtual ~RecordObserver() = default;

    virtual void on_begin(const ClockPair& clock) = 0;  ///< of the recorder, before all else

    virtual void on_new_entry(std::uint32_t entry, const EntryKey& key) = 0;
    virtual void on_new_error(std::uint32_t error, std::string_view text) = 0;
    virtual void on_new_exception(std::uint32_t exception, const ExceptionCount& thrown) = 0;
    virtual void on_new_series(std::uint32_t series, const MetricKey& key) = 0;

    /// `error`: why it failed; kNone: it passed.
    virtual void on_request(std::uint32_t entry, const Observation& seen, std::uint32_t error) = 0;
    virtual void on_aborted(std::uint32_t entry, const Exchanges& exchanges) = 0;
    virtual void on_exception(std::uint32_t exception) = 0;
    virtual void on_busy(base::TimePoint now, nanoseconds busy, nanoseconds wall) = 0;

    virtual void on_counted(std::uint32_t counter, double amount) = 0;
    virtual void on_set(std::uint32_t gauge, double value, base::WallTime now) = 0;
    virtual void on_told(std::uint32_t rate_or_check, bool passed) = 0;
    virtual void on_observed(std::uint32_t trend, nanoseconds step) = 0;

    /// All of the above has been handed over, for the `takes`-th time.
    virtual void on_taken(std::uint64_t takes) = 0;

    /// What was taken last has been thrown away: the statistics begin anew, under this number.
    virtual void on_reset(std::uint64_t epoch) = 0;
};

}  // namespace cicada::stats
