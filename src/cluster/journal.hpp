// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "base/crash.hpp"
#include "cluster/journal_memory.hpp"
#include "run/engine_journal.hpp"
#include "run/traffic.hpp"

namespace cicada::cluster {

struct JournalHeader;
struct JournalChunk;
struct JournalRecord;
struct JournalTextHead;

/// What a worker process writes so that its parent loses nothing when it dies: all that was
/// recorded since the last report that was acknowledged, what is on the wire, and the crash itself.
///
/// The process that dies need do nothing: each record is whole in the shared memory before it
/// counts. Costs some 10 ns per request, and no system call.
/// Limit:   the memory's chunks, 64 MiB or 1.6 million requests by default. While all are full,
///          nothing is kept but a count, which reading it gives as uncertain.
/// Threads: the engine's, but for those below that say so.
class Journal final : public run::EngineJournal {
public:
    /// Takes the memory over and begins anew in it. It outlives this, and the process's last fault.
    explicit Journal(std::span<std::byte> memory);
    ~Journal() override;

    /// Which worker of which cluster this is. Threads: any one; before the first report.
    void introduce(std::string_view node_id, std::uint64_t incarnation);

    /// Report `number` is about to be sent for the first time; it holds all up to the recorder's
    /// `takes`-th take(). Threads: control.
    void note_sent(std::uint64_t number, std::uint64_t takes);

    /// Report `number`, the last that was noted as sent, need not be kept. Threads: control.
    void note_acknowledged(std::uint64_t number);

    [[nodiscard]] run::Traffic& traffic();        ///< for the engine to count in
    [[nodiscard]] base::CrashNote& crash_note();  ///< for base::set_crash_note()

    void on_begin(const stats::ClockPair& clock) override;
    void on_new_entry(std::uint32_t entry, const stats::EntryKey& key) override;
    void on_new_error(std::uint32_t error, std::string_view text) override;
    void on_new_exception(std::uint32_t exception, const stats::ExceptionCount& thrown) override;
    void on_new_series(std::uint32_t series, const stats::MetricKey& key) override;
    void on_request(std::uint32_t entry,
                    const stats::Observation& seen,
                    std::uint32_t error) override;
    void on_aborted(std::uint32_t entry, const stats::Exchanges& exchanges) override;
    void on_exception(std::uint32_t exception) override;
    void on_busy(base::TimePoint now, stats::nanoseconds busy, stats::nanoseconds wall) override;
    void on_counted(std::uint32_t counter, double amount) override;
    void on_set(std::uint32_t gauge, double value, base::WallTime now) override;
    void on_told(std::uint32_t rate_or_check, bool passed) override;
    void on_observed(std::uint32_t trend, stats::nanoseconds step) override;
    void on_taken(std::uint64_t takes) override;
    void on_reset(std::uint64_t epoch) override;
    void on_lease_round(std::uint64_t round) override;
    user::HoldingTrace* trace(run::LeaseKey key) override;

private:
    struct Live {
        std::uint32_t chunk = 0;
        std::uint64_t last_mark = 0;  // of its last record
    };

    // False: there is no room.
    bool write(const JournalRecord& record);
    void lose(const stats::Exchanges& exchanges);
    void write_text(JournalTextHead head, std::initializer_list<std::string_view> texts);
    bool open_chunk();
    void release_acknowledged();
    [[nodiscard]] JournalChunk& chunk(std::uint32_t index) const;

    std::span<std::byte> memory_;
    JournalHeader* header_;
    std::int64_t begin_ns_ = 0;  // of the recorder's clock

    JournalChunk* open_ = nullptr;  // null: all are full, or none has been needed
    std::uint32_t used_ = 0;        // records in it
    std::uint64_t mark_ = 1;        // what is recorded now belongs to this take()
    std::uint64_t opened_ = 0;      // chunks, so far
    std::vector<std::uint32_t> free_;
    std::vector<Live> live_;  // a ring: from first_live_ on, the open one last
    std::size_t first_live_ = 0;
    std::size_t live_count_ = 0;
};

/// Of 40 bytes each; see journal_memory.hpp for all sizes.
inline constexpr std::size_t kRequestsPerChunk = 1'637;

}  // namespace cicada::cluster
