// SPDX-License-Identifier: Apache-2.0
#include "cluster/journal_reading.hpp"

#include <cxxabi.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "cluster/journal_format.hpp"
#include "stats/caps.hpp"
#include "stats/recorder.hpp"

namespace cicada::cluster {
namespace {

using stats::nanoseconds;

template <std::size_t kRoom>
std::string text_in(const std::array<char, kRoom>& room) {
    return {room.begin(), std::find(room.begin(), room.end(), '\0')};
}

std::string demangled(const std::string& symbol) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
    return status == 0 ? name.get() : symbol;
}

std::optional<Crash> crash_in(const base::CrashNote& note) {
    if (note.signal == 0) return std::nullopt;
    Crash crash{note.signal, text_in(note.task), text_in(note.cause), {}};
    const auto frames = std::min<std::size_t>(note.frames_written, note.frames.size());
    for (std::size_t i = 0; i < frames; ++i) {
        const base::CrashNote::Frame& frame = note.frames[i];
        const std::string symbol = text_in(frame.symbol);
        const std::string file = std::filesystem::path(text_in(frame.file)).filename();
        crash.stack.push_back(fmt::format("{}+{:#x} in {}",
                                          symbol.empty() ? "?" : demangled(symbol),
                                          frame.offset,
                                          file.empty() ? "?" : file));
    }
    return crash;
}

// What a torn record says may be anything; no run lasts ten years.
nanoseconds within_reason(std::int64_t ns) {
    constexpr std::int64_t kLongest = std::int64_t{10} * 365 * 24 * 3600 * 1'000'000'000;
    return nanoseconds(std::clamp(ns, -kLongest, kLongest));
}

nanoseconds since_begin(const JournalRecord& record) {
    return within_reason(record.at_ns);
}

/// Does again, to a recorder of its own, what was done to the one of the process that died.
class Replay {
public:
    Replay(const JournalHeader& header, std::span<const std::byte> texts)
        : recorder_({base::TimePoint(nanoseconds(header.begin_steady_ns)),
                     base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(
                         nanoseconds(header.begin_wall_ns)))}),
          begin_(nanoseconds(header.begin_steady_ns)) {
        while (texts.size() >= sizeof(JournalTextHead)) {
            if (!read_text(texts)) return;
        }
        whole_ = texts.empty();
    }

    [[nodiscard]] bool whole() const { return whole_; }

    /// False: this is no record.
    bool apply(const JournalRecord& record) {
        switch (record.kind) {
            case JournalKind::Request:
                request(record);
                return true;
            case JournalKind::Aborted:
                aborted(record);
                return true;
            case JournalKind::Exception:
                exception(record);
                return true;
            case JournalKind::Busy:
                recorder_.record_busy(begin_ + since_begin(record),
                                      within_reason(record.time_ns),
                                      nanoseconds(static_cast<std::int64_t>(record.amount)));
                return true;
            case JournalKind::Counted:
            case JournalKind::Set:
            case JournalKind::Told:
            case JournalKind::Observed:
                metric(record);
                return true;
            case JournalKind::Reset:
                drop();
                return true;
            case JournalKind::Taken:
                return true;
        }
        return false;
    }

    [[nodiscard]] stats::Delta take() { return recorder_.take(latest_); }

private:
    void drop() { [[maybe_unused]] const stats::Delta of_before = take(); }
    bool read_text(std::span<const std::byte>& texts);

    void request(const JournalRecord& record) {
        stats::Observation seen{.completed = begin_ + since_begin(record),
                                .response_time = within_reason(record.time_ns),
                                .bytes = record.amount,
                                .failed = (record.flags & JournalRecord::kFailed) != 0,
                                .exchanges = exchanges_of(record)};
        if (record.share_ns != JournalRecord::kNone) {
            seen.generator_share = nanoseconds(record.share_ns);
        }
        if (seen.failed) {
            const auto error = errors_.find(record.error);
            seen.error =
                error == errors_.end() ? stats::kOtherErrors : std::string_view(error->second);
        }
        latest_ = std::max(latest_, seen.completed);
        recorder_.record(entry_of(record.number), seen);
    }

    void aborted(const JournalRecord& record) {
        recorder_.record_aborted(entry_of(record.number), exchanges_of(record));
    }

    void exception(const JournalRecord& record) {
        const auto known = exceptions_.find(record.number);
        if (known == exceptions_.end()) {
            recorder_.record_exception("", "", stats::kOtherExceptions);
        } else {
            const stats::ExceptionCount& thrown = known->second;
            recorder_.record_exception(thrown.type, thrown.text, thrown.where);
        }
    }

    void metric(const JournalRecord& record) {
        const auto known = series_.find(record.number);
        if (known == series_.end()) return;
        const stats::MetricId id = known->second.first;
        const auto number = std::bit_cast<double>(record.time_ns);
        stats::MetricRecorder& metrics = recorder_.metrics();
        switch (record.kind) {
            case JournalKind::Counted:
                return metrics.add(id, number);
            case JournalKind::Set:
                return metrics.set(
                    id,
                    number,
                    base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(
                        nanoseconds(record.at_ns))));
            case JournalKind::Told:
                return metrics.tell(id, (record.flags & JournalRecord::kPassed) != 0);
            default:
                return metrics.observe(id, within_reason(record.time_ns));
        }
    }

    static stats::Exchanges exchanges_of(const JournalRecord& record) {
        return {.sent = (record.flags & JournalRecord::kSent) != 0,
                .redirects = record.redirects,
                .resends = record.resends};
    }

    stats::EntryId entry_of(std::uint32_t number) {
        const auto known = entries_.find(number);
        return known != entries_.end() ? known->second : recorder_.entry("", stats::kOtherName);
    }

    void add_series(const JournalTextHead& head, std::string_view name, std::string_view tags);

    stats::Recorder recorder_;
    base::TimePoint begin_;
    base::TimePoint latest_ = begin_;
    bool whole_ = false;
    std::unordered_map<std::uint32_t, stats::EntryId> entries_;
    std::unordered_map<std::uint32_t, std::string> errors_;
    std::unordered_map<std::uint32_t, stats::ExceptionCount> exceptions_;
    std::unordered_map<std::uint32_t, std::pair<stats::MetricId, stats::MetricKind>> series_;
};

// False: the rest cannot be understood.
bool Replay::read_text(std::span<const std::byte>& texts) {
    JournalTextHead head{};
    std::memcpy(&head, texts.data(), sizeof head);
    texts = texts.subspan(sizeof head);
    std::array<std::string_view, 3> parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (head.sizes[i] > texts.size()) return false;
        parts[i] = {reinterpret_cast<const char*>(texts.data()), head.sizes[i]};
        texts = texts.subspan(head.sizes[i]);
    }
    switch (head.kind) {
        case JournalText::Entry:
            entries_[head.number] = recorder_.entry(parts[0], parts[1]);
            return true;
        case JournalText::Error:
            errors_[head.number] = parts[0];
            return true;
        case JournalText::Exception:
            exceptions_[head.number] = {
                std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
            return true;
        case JournalText::Series:
            add_series(head, parts[0], parts[1]);
            return true;
    }
    return false;
}

void Replay::add_series(const JournalTextHead& head, std::string_view name, std::string_view tags) {
    if (head.metric > static_cast<std::uint8_t>(stats::MetricKind::Check)) return;
    std::vector<stats::MetricTag> split;
    while (!tags.empty()) {
        const std::string_view tag = tags.substr(0, tags.find(','));
        const std::size_t equals = std::min(tag.find('='), tag.size());
        split.emplace_back(tag.substr(0, equals), tag.substr(std::min(equals + 1, tag.size())));
        tags.remove_prefix(std::min(tag.size() + 1, tags.size()));
    }
    const auto kind = static_cast<stats::MetricKind>(head.metric);
    const auto unit = head.unit == 0 ? stats::MetricUnit::Number : stats::MetricUnit::Time;
    series_[head.number] = {recorder_.metrics().series(kind, name, split, unit), kind};
}

/// The chunks that are in use, in the order they were written.
std::vector<const JournalChunk*> chunks_in(std::span<const std::byte> memory, std::uint64_t count) {
    std::vector<const JournalChunk*> chunks;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (memory.size() < (i + 1) * JournalLimits::kChunkBytes) break;
        const auto* const chunk =
            reinterpret_cast<const JournalChunk*>(memory.data() + i * JournalLimits::kChunkBytes);
        if (chunk->sequence != 0) chunks.push_back(chunk);
    }
    std::ranges::sort(chunks, {}, [](const JournalChunk* chunk) { return chunk->sequence.load(); });
    return chunks;
}

// False: some of it could not be understood.
bool replay_chunk(const JournalChunk& chunk, std::uint64_t known_takes, Replay& replay) {
    std::uint64_t mark = chunk.first_mark;
    const std::uint32_t used = chunk.used;
    for (std::uint32_t i = 0; i < std::min<std::size_t>(used, JournalChunk::kRecords); ++i) {
        const JournalRecord& record = chunk.records[i];
        if (mark > known_takes && !replay.apply(record)) return false;
        if (record.kind == JournalKind::Taken) mark = record.amount + 1;
    }
    return used <= JournalChunk::kRecords;
}

std::vector<run::LeaseAccount> leases_in(const JournalHeader& header) {
    std::vector<run::LeaseAccount> accounts;
    const auto used = std::min<std::size_t>(header.leases_used, header.leases.size());
    for (std::size_t i = 0; i < used; ++i) {
        const JournalLease& lease = header.leases[i];
        run::LeaseAccount& account = accounts.emplace_back();
        account.key = lease.key;
        account.held = {.granted = lease.held.granted,
                        .used = lease.held.used,
                        .taken = lease.held.taken,
                        .returned = lease.held.returned};
        // Torn between two of them: what is in doubt is used.
        account.held.taken += std::min<std::int64_t>(account.held.here(), 0);
    }
    return accounts;
}

std::uint64_t takes_of(const JournalHeader& header, std::uint64_t last_report) {
    const JournalSent& sent = header.sent[last_report % header.sent.size()];
    if (last_report != 0 && sent.number == last_report) return sent.takes;
    return header.acknowledged_takes;
}

}  // namespace

base::Result<JournalReading> read_journal(std::span<const std::byte> memory,
                                          std::uint64_t last_report) {
    if (memory.size() < kJournalTextsAt) return base::failure(std::string("this is no journal"));
    const auto& header = *reinterpret_cast<const JournalHeader*>(memory.data());
    if (header.magic != kJournalMagic) {
        return base::failure(std::string("nothing was ever written to this journal"));
    }
    JournalReading reading{.node_id = text_in(header.node_id), .incarnation = header.incarnation};
    reading.crash = crash_in(header.crash);
    reading.report.statistics_epoch = header.epoch;
    reading.report.lease_round = header.lease_round;
    reading.report.leases = leases_in(header);

    const std::span<const std::byte> behind = memory.subspan(kJournalTextsAt);
    const std::size_t text_bytes = std::min<std::size_t>(header.text_bytes, behind.size());
    const std::size_t text_used = std::min<std::size_t>(header.text_used, text_bytes);
    Replay replay(header, behind.first(text_used));
    reading.whole = replay.whole() && text_used == header.text_used;

    const std::span<const std::byte> chunks = behind.subspan(text_bytes);
    reading.whole = reading.whole && chunks.size() / JournalLimits::kChunkBytes >= header.chunks;
    const std::uint64_t known_takes = takes_of(header, last_report);
    for (const JournalChunk* chunk : chunks_in(chunks, header.chunks)) {
        reading.whole = replay_chunk(*chunk, known_takes, replay) && reading.whole;
    }

    stats::Delta& delta = reading.report.delta;
    delta = replay.take();
    const std::uint64_t begun = header.traffic.begun;
    const std::uint64_t finished = std::min<std::uint64_t>(header.traffic.finished, begun);
    const bool lost = header.lost_mark > known_takes;
    delta.uncertain_exchanges = begun - finished + (lost ? header.lost_exchanges.load() : 0);
    return reading;
}

}  // namespace cicada::cluster
