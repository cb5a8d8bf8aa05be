// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "stats/delta.hpp"
#include "stats/metric_recorder.hpp"
#include "stats/record_observer.hpp"

namespace cicada::stats {

/// Which (method, name) a request belongs to; valid as long as its recorder.
struct EntryId {
    std::uint32_t index = 0;
};

/// Exchanges behind one request. measure() has none: {.sent = false}.
struct Exchanges {
    bool sent = true;             ///< the request itself reached the wire
    std::uint32_t redirects = 0;  ///< followed before it
    std::uint32_t resends = 0;

    [[nodiscard]] std::uint64_t count() const {
        return (sent ? 1U : 0U) + std::uint64_t{redirects} + resends;
    }
};

/// One request, as it ended.
struct Observation {
    base::TimePoint completed{};  ///< by the scheduler's clock
    nanoseconds response_time{};  ///< called ... last byte read and handed to the user's code
    std::optional<nanoseconds> generator_share{};  ///< of it, what this program took, if known
    std::uint64_t bytes = 0;                       ///< of the response's body
    bool failed = false;
    std::string_view error{};  ///< why it failed; cut to kLongestText bytes
    Exchanges exchanges{};
};

/// One moment on both clocks; the recorder counts in seconds of the wall clock.
struct ClockPair {
    base::TimePoint steady{};
    base::WallTime wall{};
};

struct RecorderOptions {
    std::size_t most_names = 10'000;       ///< then all further ones share the entry "(other)"
    std::size_t most_error_texts = 1'000;  ///< then an entry's further ones are "other errors"
    std::size_t most_exceptions = 1'000;   ///< then the further ones are "other exceptions"
    RecordObserver* observer = nullptr;    ///< hears of everything; outlives the recorder

    /// Grows with each exchange that is recorded or reported as aborted; outlives the recorder.
    std::atomic<std::uint64_t>* finished_exchanges = nullptr;
};

/// What an engine writes its measurements into.
///
/// Threads: the engine's only. Reads no clock. record() of a known entry that passed allocates
/// nothing once the entry's usual response times have been seen, and costs some 10 ns.
class Recorder {
public:
    static constexpr std::size_t kLongestText = 2'000;  ///< bytes, of an error or an exception

    explicit Recorder(ClockPair clock, const RecorderOptions& options = {});
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    ~Recorder();

    /// The entry of (method, name), made when it is new. May be kept for later requests.
    [[nodiscard]] EntryId entry(std::string_view method, std::string_view name);

    void record(EntryId entry, const Observation& observation);

    void record(std::string_view method, std::string_view name, const Observation& observation) {
        record(entry(method, name), observation);
    }

    /// A request that was on the wire and will never be recorded. `exchanges.sent` says whether its
    /// last exchange had begun.
    void record_aborted(EntryId entry, const Exchanges& exchanges);

    /// A task, on_start or on_stop threw.
    void record_exception(std::string_view type, std::string_view text, std::string_view where);

    /// The engine worked `busy` of the last `wall`, which ended at `now`.
    void record_busy(base::TimePoint now, nanoseconds busy, nanoseconds wall);

    /// So many connections could not be made for want of something of our own.
    void record_shortages(const Shortages& shortages) { shortages_.add(shortages); }

    /// What is counted beside requests; taken along by take().
    [[nodiscard]] MetricRecorder& metrics() { return metrics_; }

    /// All since the last call. Entries, their ids and their memory stay.
    [[nodiscard]] Delta take(base::TimePoint now);

    [[nodiscard]] std::uint64_t takes() const { return takes_; }  ///< calls of take() so far

    [[nodiscard]] base::WallTime wall(base::TimePoint at) const;  ///< the same moment

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
    MetricRecorder metrics_;
    Shortages shortages_;
    RecordObserver* observer_;
    std::uint64_t takes_ = 0;
};

}  // namespace cicada::stats
