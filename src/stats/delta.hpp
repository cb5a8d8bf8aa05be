// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "stats/histogram.hpp"
#include "stats/machine_use.hpp"
#include "stats/metric.hpp"

namespace cicada::stats {

/// What requests are grouped by.
struct EntryKey {
    std::string method{};  ///< "GET", or whatever a test calls its kind of request
    std::string name{};

    friend bool operator==(const EntryKey&, const EntryKey&) = default;
};

/// Shared because a key outlives whoever made it: deltas, totals and snapshots point to one.
using SharedKey = std::shared_ptr<const EntryKey>;

/// Sums of one entry; they add up over seconds and over nodes.
struct Counts {
    std::uint64_t requests = 0;  ///< recorded, passed or failed
    std::uint64_t failures = 0;
    std::uint64_t bytes = 0;      ///< of the responses' bodies
    std::uint64_t sent = 0;       ///< of `requests`, those whose own exchange reached the wire
    std::uint64_t redirects = 0;  ///< exchanges that were answered by a redirect that was followed
    std::uint64_t resends = 0;    ///< exchanges that were repeated on another connection
    std::uint64_t aborted = 0;    ///< exchanges begun and never recorded, e.g. cut off by a stop

    /// All that went on the wire: what the server has seen.
    [[nodiscard]] std::uint64_t exchanges() const { return sent + redirects + resends + aborted; }

    Counts& operator+=(const Counts& other);
};

/// What happened in one second of the wall clock.
struct SecondCounts {
    std::int64_t second = 0;  ///< since the epoch
    std::uint32_t requests = 0;
    std::uint32_t failures = 0;
};

/// What one entry has gained.
struct EntryDelta {
    SharedKey key{};
    Counts counts{};
    Histogram response_times{};
    std::vector<SecondCounts> seconds{};  ///< ascending
    std::optional<base::WallTime> last_request{};

    void merge(const EntryDelta& other);
};

/// How often one kind of failure occurred.
struct ErrorCount {
    SharedKey key{};
    std::string text{};
    std::uint64_t occurrences = 0;
    base::WallTime first_seen{};
    base::WallTime last_seen{};
};

/// How often a user's code threw the same thing.
struct ExceptionCount {
    std::string type{};  ///< as the source spells it: "std::runtime_error"
    std::string text{};
    std::string where{};  ///< "WebsiteUser.index", "WebsiteUser.on_start"
    std::uint64_t count = 0;
};

/// How long the engine worked in one second.
struct BusySecond {
    std::int64_t second = 0;  ///< since the epoch
    nanoseconds busy{};
    nanoseconds wall{};

    [[nodiscard]] double share() const;  ///< 0 to 1
};

/// What an engine has recorded since the last one: a plain value, handed from thread to thread.
struct Delta {
    base::WallTime taken{};
    std::vector<EntryDelta> entries{};
    std::vector<ErrorCount> errors{};
    std::vector<ExceptionCount> exceptions{};
    Histogram generator_share{};
    std::vector<BusySecond> busy{};
    std::vector<MetricDelta> metrics{};
    Shortages shortages{};

    /// Exchanges that were begun by a process that died, and of which nothing more is known: so
    /// many more may have reached the wire than are counted above.
    std::uint64_t uncertain_exchanges = 0;
    std::vector<std::string> warnings{};  ///< each once in a run

    [[nodiscard]] bool empty() const;

    /// Adds a later delta of the same engine to one that has not been delivered yet.
    void merge(Delta&& later);
};

}  // namespace cicada::stats
