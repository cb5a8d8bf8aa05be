// SPDX-License-Identifier: Apache-2.0
#include "cluster/journal.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>

#include "base/expects.hpp"
#include "cluster/journal_format.hpp"
#include "stats/recorder.hpp"

namespace cicada::cluster {
namespace {

using stats::nanoseconds;

constexpr auto kPublish = std::memory_order_release;

std::int64_t ns(base::TimePoint at) {
    return std::chrono::duration_cast<nanoseconds>(at.time_since_epoch()).count();
}

std::int64_t ns(base::WallTime at) {
    return std::chrono::duration_cast<nanoseconds>(at.time_since_epoch()).count();
}

std::uint8_t small(std::uint32_t count) {
    return static_cast<std::uint8_t>(std::min<std::uint32_t>(count, UINT8_MAX));
}

std::uint32_t share_of(const stats::Observation& seen) {
    if (!seen.generator_share) return JournalRecord::kNone;
    const std::int64_t share = std::max<std::int64_t>(seen.generator_share->count(), 0);
    return static_cast<std::uint32_t>(std::min<std::int64_t>(share, JournalRecord::kNone - 1));
}

}  // namespace

static_assert(kRequestsPerChunk == JournalChunk::kRecords);

Journal::Journal(std::span<std::byte> memory) : memory_(memory) {
    const auto* const before = reinterpret_cast<const JournalHeader*>(memory_.data());
    const std::uint64_t text_bytes = before->text_bytes;
    const std::uint64_t chunks = before->chunks;
    base::expects(memory_.size() == journal_size({.text_bytes = text_bytes, .chunks = chunks}),
                  "a journal's memory is what create() gave");
    header_ = new (memory_.data()) JournalHeader;
    header_->text_bytes = text_bytes;
    header_->chunks = chunks;
    header_->magic = kJournalMagic;
    live_.resize(chunks);
    free_.reserve(chunks);
    for (auto index = static_cast<std::uint32_t>(chunks); index > 0; --index) {
        free_.push_back(index - 1);
    }
}

Journal::~Journal() = default;

void Journal::introduce(std::string_view node_id, std::uint64_t incarnation) {
    base::write_text(header_->node_id, node_id);
    header_->incarnation = incarnation;
}

void Journal::note_sent(std::uint64_t number, std::uint64_t takes) {
    JournalSent& slot = header_->sent[number % header_->sent.size()];
    slot.takes = takes;
    slot.number.store(number, kPublish);
}

void Journal::note_acknowledged(std::uint64_t number) {
    const JournalSent& slot = header_->sent[number % header_->sent.size()];
    if (slot.number != number) return;
    header_->acknowledged_takes.store(slot.takes, kPublish);
    header_->acknowledged.store(number, kPublish);
}

run::Traffic& Journal::traffic() {
    return header_->traffic;
}

base::CrashNote& Journal::crash_note() {
    return header_->crash;
}

JournalChunk& Journal::chunk(std::uint32_t index) const {
    std::byte* const chunks = memory_.data() + kJournalTextsAt + header_->text_bytes;
    return *reinterpret_cast<JournalChunk*>(chunks + index * JournalLimits::kChunkBytes);
}

bool Journal::write(const JournalRecord& record) {
    if (open_ == nullptr || used_ == JournalChunk::kRecords) [[unlikely]] {
        if (!open_chunk()) return false;
    }
    open_->records[used_] = record;
    open_->used.store(++used_, kPublish);
    return true;
}

void Journal::lose(const stats::Exchanges& exchanges) {
    header_->lost_mark = mark_;
    header_->lost_exchanges += exchanges.count();
}

bool Journal::open_chunk() {
    if (open_ != nullptr) {
        live_[(first_live_ + live_count_ - 1) % live_.size()].last_mark = mark_;
        open_ = nullptr;
    }
    if (free_.empty()) return false;
    const std::uint32_t index = free_.back();
    free_.pop_back();
    live_[(first_live_ + live_count_++) % live_.size()] = {index, UINT64_MAX};
    open_ = &chunk(index);
    used_ = 0;
    open_->used.store(0, kPublish);
    open_->first_mark = mark_;
    open_->sequence.store(++opened_, kPublish);
    return true;
}

void Journal::release_acknowledged() {
    const std::uint64_t acknowledged = header_->acknowledged_takes;
    while (live_count_ > 0 && live_[first_live_].last_mark <= acknowledged) {
        const std::uint32_t index = live_[first_live_].chunk;
        chunk(index).sequence.store(0, kPublish);
        free_.push_back(index);
        first_live_ = (first_live_ + 1) % live_.size();
        --live_count_;
    }
    if (header_->lost_exchanges > 0 && header_->lost_mark <= acknowledged) {
        header_->lost_exchanges = 0;
    }
}

// What finds no room is read as one of "(other)".
void Journal::write_text(JournalTextHead head, std::initializer_list<std::string_view> texts) {
    std::uint64_t size = sizeof head;
    std::size_t place = 0;
    for (const std::string_view text : texts) {
        head.sizes.at(place++) = static_cast<std::uint32_t>(text.size());
        size += text.size();
    }
    const std::uint64_t used = header_->text_used;
    if (size > header_->text_bytes - used) return;
    std::byte* to = memory_.data() + kJournalTextsAt + used;
    std::memcpy(to, &head, sizeof head);
    to += sizeof head;
    for (const std::string_view text : texts) {
        if (!text.empty()) std::memcpy(to, text.data(), text.size());
        to += text.size();
    }
    header_->text_used.store(used + size, kPublish);
}

void Journal::on_begin(const stats::ClockPair& clock) {
    begin_ns_ = ns(clock.steady);
    header_->begin_steady_ns = begin_ns_;
    header_->begin_wall_ns = ns(clock.wall);
}

void Journal::on_new_entry(std::uint32_t entry, const stats::EntryKey& key) {
    write_text({.kind = JournalText::Entry, .number = entry}, {key.method, key.name});
}

void Journal::on_new_error(std::uint32_t error, std::string_view text) {
    write_text({.kind = JournalText::Error, .number = error}, {text});
}

void Journal::on_new_exception(std::uint32_t exception, const stats::ExceptionCount& thrown) {
    write_text({.kind = JournalText::Exception, .number = exception},
               {thrown.type, thrown.text, thrown.where});
}

void Journal::on_new_series(std::uint32_t series, const stats::MetricKey& key) {
    write_text({.kind = JournalText::Series,
                .number = series,
                .metric = static_cast<std::uint8_t>(key.kind),
                .unit = static_cast<std::uint8_t>(key.unit)},
               {key.name, key.tags});
}

void Journal::on_request(std::uint32_t entry, const stats::Observation& seen, std::uint32_t error) {
    JournalRecord record{.kind = JournalKind::Request};
    record.flags = static_cast<std::uint8_t>((seen.exchanges.sent ? JournalRecord::kSent : 0) |
                                             (seen.failed ? JournalRecord::kFailed : 0));
    record.redirects = small(seen.exchanges.redirects);
    record.resends = small(seen.exchanges.resends);
    record.number = entry;
    record.at_ns = ns(seen.completed) - begin_ns_;
    record.time_ns = seen.response_time.count();
    record.amount = seen.bytes;
    record.share_ns = share_of(seen);
    record.error = error;
    if (!write(record)) [[unlikely]] {
        lose(seen.exchanges);
    }
}

void Journal::on_aborted(std::uint32_t entry, const stats::Exchanges& exchanges) {
    JournalRecord record{.kind = JournalKind::Aborted};
    record.flags = exchanges.sent ? JournalRecord::kSent : std::uint8_t{0};
    record.redirects = small(exchanges.redirects);
    record.resends = small(exchanges.resends);
    record.number = entry;
    if (!write(record)) lose(exchanges);
}

void Journal::on_exception(std::uint32_t exception) {
    write({.kind = JournalKind::Exception, .number = exception});
}

void Journal::on_busy(base::TimePoint now, nanoseconds busy, nanoseconds wall) {
    write({.kind = JournalKind::Busy,
           .at_ns = ns(now) - begin_ns_,
           .time_ns = busy.count(),
           .amount = static_cast<std::uint64_t>(wall.count())});
}

void Journal::on_counted(std::uint32_t counter, double amount) {
    write({.kind = JournalKind::Counted,
           .number = counter,
           .time_ns = std::bit_cast<std::int64_t>(amount)});
}

void Journal::on_set(std::uint32_t gauge, double value, base::WallTime now) {
    write({.kind = JournalKind::Set,
           .number = gauge,
           .at_ns = ns(now),
           .time_ns = std::bit_cast<std::int64_t>(value)});
}

void Journal::on_told(std::uint32_t rate_or_check, bool passed) {
    write({.kind = JournalKind::Told,
           .flags = passed ? JournalRecord::kPassed : std::uint8_t{0},
           .number = rate_or_check});
}

void Journal::on_observed(std::uint32_t trend, nanoseconds step) {
    write({.kind = JournalKind::Observed, .number = trend, .time_ns = step.count()});
}

void Journal::on_taken(std::uint64_t takes) {
    write({.kind = JournalKind::Taken, .amount = takes});
    mark_ = takes + 1;
    release_acknowledged();
}

void Journal::on_reset(std::uint64_t epoch) {
    header_->epoch = epoch;
    write({.kind = JournalKind::Reset, .amount = epoch});
}

void Journal::on_lease_round(std::uint64_t round) {
    header_->lease_round = round;
}

user::HoldingTrace* Journal::trace(run::LeaseKey key) {
    const std::uint32_t place = header_->leases_used;
    for (std::uint32_t i = 0; i < place; ++i) {
        if (header_->leases[i].key == key) return &header_->leases[i].held;
    }
    if (place == header_->leases.size()) return nullptr;
    header_->leases[place].key = key;
    header_->leases_used.store(place + 1, kPublish);
    return &header_->leases[place].held;
}

}  // namespace cicada::cluster
