// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/crash.hpp"
#include "cluster/journal_memory.hpp"
#include "run/lease.hpp"
#include "run/traffic.hpp"
#include "user/holding.hpp"

// What lies in a journal's memory: a header, texts, chunks of records. Writer and reader are the
// same program, so that there is one version only.
namespace cicada::cluster {

inline constexpr std::array<char, 16> kJournalMagic = {"cicada journal1"};

/// A report that was sent, and up to which take() of the recorder it reaches.
struct JournalSent {
    std::atomic<std::uint64_t> number{0};
    std::atomic<std::uint64_t> takes{0};
};

/// What the engine holds of one thing that is lent.
struct JournalLease {
    run::LeaseKey key{};
    user::HoldingTrace held{};
};

struct JournalHeader {
    std::array<char, 16> magic{};
    std::uint64_t text_bytes = 0;
    std::uint64_t chunks = 0;

    std::array<char, 256> node_id{};
    std::uint64_t incarnation = 0;
    std::int64_t begin_steady_ns = 0;  ///< the recorder's clocks
    std::int64_t begin_wall_ns = 0;

    std::atomic<std::uint64_t> text_used{0};
    std::atomic<std::uint64_t> epoch{0};         ///< of the statistics
    std::array<JournalSent, 2> sent{};           ///< the last ones, by number % 2
    std::atomic<std::uint64_t> acknowledged{0};  ///< number of a report
    std::atomic<std::uint64_t> acknowledged_takes{0};

    run::Traffic traffic{};
    std::atomic<std::uint64_t> lost_mark{0};       ///< what was recorded last without room for it
    std::atomic<std::uint64_t> lost_exchanges{0};  ///< of that

    std::atomic<std::uint64_t> lease_round{0};
    std::atomic<std::uint32_t> leases_used{0};
    std::array<JournalLease, 256> leases{};

    base::CrashNote crash{};
};

enum class JournalKind : std::uint8_t {
    Request = 1,
    Aborted,
    Exception,
    Busy,
    Counted,
    Set,
    Told,
    Observed,
    Taken,
    Reset,
};

/// What one field means depends on the kind; see Journal and read_journal().
struct JournalRecord {
    static constexpr std::uint8_t kSent = 1;
    static constexpr std::uint8_t kFailed = 2;
    static constexpr std::uint8_t kPassed = 4;
    static constexpr std::uint32_t kNone = UINT32_MAX;

    JournalKind kind{};
    std::uint8_t flags = 0;
    std::uint8_t redirects = 0;
    std::uint8_t resends = 0;
    std::uint32_t number = 0;  ///< of the entry, exception or series
    std::int64_t at_ns = 0;    ///< since begin_steady_ns; of Set: since the epoch
    std::int64_t time_ns = 0;  ///< or a double's bits
    std::uint64_t amount = 0;  ///< bytes; take(); statistics epoch; wall time of Busy
    std::uint32_t share_ns = kNone;
    std::uint32_t error = kNone;
};
static_assert(sizeof(JournalRecord) == 40);

struct JournalChunkHead {
    std::atomic<std::uint64_t> sequence{0};  ///< chunks are read in this order; 0: free
    std::uint64_t first_mark = 0;  ///< its first record belongs to this take() of the recorder
    std::atomic<std::uint32_t> used{0};
};

struct JournalChunk : JournalChunkHead {
    static constexpr std::size_t kRecords =
        (JournalLimits::kChunkBytes - sizeof(JournalChunkHead)) / sizeof(JournalRecord);
    std::array<JournalRecord, kRecords> records{};
};
static_assert(sizeof(JournalChunk) <= JournalLimits::kChunkBytes);

enum class JournalText : std::uint32_t { Entry = 1, Error, Exception, Series };

struct JournalTextHead {
    JournalText kind{};
    std::uint32_t number = 0;
    std::uint8_t metric = 0;               ///< of a series: its MetricKind
    std::uint8_t unit = 0;                 ///< and MetricUnit
    std::array<std::uint32_t, 3> sizes{};  ///< of the texts that follow
};

inline constexpr std::size_t kJournalTextsAt = (sizeof(JournalHeader) + 4095) / 4096 * 4096;

}  // namespace cicada::cluster
