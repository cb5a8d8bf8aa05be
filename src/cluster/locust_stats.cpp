// SPDX-License-Identifier: Apache-2.0
// Locust's statistics: what a worker of its own measures in three seconds.
// Source: Locust, stats.py, StatsEntry, StatsError.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include "cluster/locust_codec.hpp"
#include "cluster/python_text.hpp"

namespace cicada::cluster {
namespace {

using std::chrono::nanoseconds;

// In the order in which Locust writes them.
enum class EntryField : std::uint8_t {
    Name,
    Method,
    LastRequest,
    StartTime,
    Requests,
    NoneRequests,
    Failures,
    TotalTime,
    MaxTime,
    MinTime,
    ContentLength,
    ResponseTimes,
    RequestsPerSecond,
    FailuresPerSecond,
};

constexpr std::array<std::string_view, 14> kEntryFields{
    "name",
    "method",
    "last_request_timestamp",
    "start_time",
    "num_requests",
    "num_none_requests",
    "num_failures",
    "total_response_time",
    "max_response_time",
    "min_response_time",
    "total_content_length",
    "response_times",
    "num_reqs_per_sec",
    "num_fail_per_sec",
};

// Nothing: no field of an entry. `next` is where the one behind it should stand.
std::optional<EntryField> entry_field(std::string_view name, std::size_t& next) {
    for (std::size_t i = 0; i < kEntryFields.size(); ++i) {
        const std::size_t place = (next + i) % kEntryFields.size();
        if (kEntryFields[place] != name) continue;
        next = place + 1;
        return static_cast<EntryField>(place);
    }
    return std::nullopt;
}

constexpr double kLatest_s = 4e9;  // the year 2096: still a time in nanoseconds

double as_ms(nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

// Seconds and what is beyond them by themselves: nanoseconds since 1970 are too many for a double.
double as_epoch_s(base::WallTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    return static_cast<double>(whole.time_since_epoch().count()) +
           std::chrono::duration<double>(time - whole).count();
}

base::WallTime from_epoch_s(double seconds) {
    const double whole = std::floor(seconds);
    return base::WallTime(std::chrono::seconds(static_cast<std::int64_t>(whole)) +
                          nanoseconds(std::llround((seconds - whole) * 1e9)));
}

std::optional<base::WallTime> read_wall_time(Value value, Reader& reader) {
    if (value.is_nil()) return std::nullopt;
    const double seconds = reader.number(value);
    if (seconds < 0 || seconds > kLatest_s) {
        reader.complain(fmt::format("is {}, not from 0 to {} s since 1970", seconds, kLatest_s));
        return std::nullopt;
    }
    return from_epoch_s(seconds);
}

// Locust's own clock may go back; a time below 0 counts as 0, as in our own histograms.
nanoseconds read_ms(Value value, Reader& reader) {
    constexpr double kMost_ms = 1e12;  // 32 years
    const double ms = reader.number(value);
    if (ms > kMost_ms) reader.complain(fmt::format("is {} ms; the limit is {}", ms, kMost_ms));
    if (!reader.ok() || ms <= 0) return nanoseconds(0);
    return nanoseconds(std::llround(ms * 1e6));
}

void write_per_second(Packer& packer,
                      const std::vector<stats::SecondCounts>& seconds,
                      std::uint32_t stats::SecondCounts::*counted) {
    const auto some = std::count_if(
        seconds.begin(), seconds.end(), [&](const auto& second) { return second.*counted > 0; });
    packer.map(static_cast<std::size_t>(some));
    for (const stats::SecondCounts& second : seconds) {
        if (second.*counted == 0) continue;
        packer.integer(second.second);
        packer.count(second.*counted);
    }
}

void write_entry(Packer& packer,
                 const stats::EntryKey& key,
                 const stats::EntryDelta& entry,
                 base::WallTime since) {
    const stats::Histogram& times = entry.response_times;
    packer.map(kEntryFields.size());
    packer.text("name");
    packer.text(key.name);
    packer.text("method");
    packer.text(key.method);
    packer.text("last_request_timestamp");
    entry.last_request ? packer.number(as_epoch_s(*entry.last_request)) : packer.nil();
    packer.text("start_time");
    packer.number(as_epoch_s(since));
    packer.text("num_requests");
    packer.count(entry.counts.requests);
    packer.text("num_none_requests");
    packer.count(entry.counts.requests - std::min(times.count(), entry.counts.requests));
    packer.text("num_failures");
    packer.count(entry.counts.failures);
    packer.text("total_response_time");
    packer.number(times.sum_ns() / 1e6);
    packer.text("max_response_time");
    packer.number(as_ms(times.max()));
    packer.text("min_response_time");
    times.empty() ? packer.nil() : packer.number(as_ms(times.min()));
    packer.text("total_content_length");
    packer.count(entry.counts.bytes);
    packer.text("response_times");
    const auto buckets = times.locust_buckets();
    packer.map(buckets.size());
    for (const auto& [ms, count] : buckets) {
        packer.integer(ms);
        packer.count(count);
    }
    packer.text("num_reqs_per_sec");
    write_per_second(packer, entry.seconds, &stats::SecondCounts::requests);
    packer.text("num_fail_per_sec");
    write_per_second(packer, entry.seconds, &stats::SecondCounts::failures);
}

void write_error(Packer& packer, const stats::ErrorCount& error) {
    packer.text(locust_error_key(error.key->method, error.key->name, error.text));
    packer.map(6);
    packer.text("name");
    packer.text(error.key->name);
    packer.text("method");
    packer.text(error.key->method);
    packer.text("error");
    packer.text(error.text);
    packer.text("occurrences");
    packer.count(error.occurrences);
    packer.text("first_seen");
    packer.number(as_epoch_s(error.first_seen));
    packer.text("last_seen");
    packer.number(as_epoch_s(error.last_seen));
}

// What an entry says before it is put together.
struct EntryParts {
    std::string_view method{};
    std::string_view name{};
    bool has_method = false;
    bool has_name = false;
    double total_ms = 0;
    std::optional<nanoseconds> max{};
    std::optional<nanoseconds> min{};
    std::optional<base::WallTime> start{};
};

void read_times(Value value, stats::Histogram& into, Reader& reader) {
    constexpr std::size_t kMemoryOfOne = 256;  // a bucket far from others takes a page
    if (!reader.map(value) || !reader.take_memory(value.size() * kMemoryOfOne)) return;
    for (auto part = value.begin(); part != value.end() && reader.ok(); ++part) {
        const nanoseconds time = read_ms(*part, reader);
        ++part;
        const std::uint64_t count =
            reader.count(*part, stats::Histogram::kMostValues - into.count());
        if (count > 0) into.record_many(time, count);
    }
}

void read_per_second(Value value,
                     std::vector<stats::SecondCounts>& into,
                     std::uint32_t stats::SecondCounts::*counted,
                     Reader& reader) {
    if (!reader.map(value) || !reader.take_memory(value.size() * sizeof(stats::SecondCounts))) {
        return;
    }
    for (auto part = value.begin(); part != value.end() && reader.ok(); ++part) {
        stats::SecondCounts second{
            .second = reader.integer(*part, 0, static_cast<std::int64_t>(kLatest_s))};
        ++part;
        second.*counted = static_cast<std::uint32_t>(reader.count(*part, UINT32_MAX));
        into.push_back(second);
    }
}

// Ascending, each second once.
void put_in_order(std::vector<stats::SecondCounts>& seconds) {
    std::sort(seconds.begin(), seconds.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
    });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < seconds.size(); ++i) {
        if (kept > 0 && seconds[kept - 1].second == seconds[i].second) {
            seconds[kept - 1].requests += seconds[i].requests;
            seconds[kept - 1].failures += seconds[i].failures;
        } else {
            seconds[kept++] = seconds[i];
        }
    }
    seconds.resize(kept);
}

void read_entry_field(
    EntryField field, Value value, EntryParts& parts, stats::EntryDelta& entry, Reader& reader) {
    switch (field) {
        case EntryField::Name:
            parts.name = reader.raw_text(value);
            parts.has_name = true;
            break;
        case EntryField::Method:
            parts.method = reader.raw_text(value);
            parts.has_method = true;
            break;
        case EntryField::LastRequest:
            entry.last_request = read_wall_time(value, reader);
            break;
        case EntryField::StartTime:
            parts.start = read_wall_time(value, reader);
            break;
        case EntryField::Requests:
            entry.counts.requests = reader.count(value);
            break;
        case EntryField::NoneRequests:
            break;  // those without a time in response_times
        case EntryField::Failures:
            entry.counts.failures = reader.count(value);
            break;
        case EntryField::TotalTime:
            parts.total_ms = reader.number(value);
            break;
        case EntryField::MaxTime:
            if (!value.is_nil()) parts.max = read_ms(value, reader);
            break;
        case EntryField::MinTime:
            if (!value.is_nil()) parts.min = read_ms(value, reader);
            break;
        case EntryField::ContentLength:
            entry.counts.bytes = reader.count(value);
            break;
        case EntryField::ResponseTimes:
            read_times(value, entry.response_times, reader);
            break;
        case EntryField::RequestsPerSecond:
            read_per_second(value, entry.seconds, &stats::SecondCounts::requests, reader);
            break;
        case EntryField::FailuresPerSecond:
            read_per_second(value, entry.seconds, &stats::SecondCounts::failures, reader);
            break;
    }
}

void read_entry(Value value, from_worker::LocustStats& into, Reader& reader) {
    if (!reader.map(value)) return;
    stats::EntryDelta& entry = into.delta.entries.emplace_back();
    EntryParts parts;
    std::size_t next = 0;
    for (auto part = value.begin(); part != value.end() && reader.ok(); ++part) {
        const auto field = entry_field((*part).text().value_or(std::string_view()), next);
        ++part;
        if (!field) continue;
        read_entry_field(*field, *part, parts, entry, reader);
        reader.found_at(kEntryFields[static_cast<std::size_t>(*field)]);
    }
    if (!parts.has_name) reader.complain("has no \"name\"");
    if (!parts.has_method) reader.complain("has no \"method\"");
    if (!reader.ok()) return;
    entry.key = reader.key(parts.method, parts.name);
    // Locust does not tell what else went on the wire.
    entry.counts.sent = entry.counts.requests;
    put_in_order(entry.seconds);
    if (!entry.response_times.empty()) {
        const nanoseconds min = parts.min.value_or(entry.response_times.min());
        const nanoseconds max = std::max(min, parts.max.value_or(entry.response_times.max()));
        entry.response_times.correct(min, max, std::max(0.0, parts.total_ms * 1e6));
    }
    if (parts.start) into.since = std::min(into.since, *parts.start);
}

void read_error(Value value, stats::Delta& into, Reader& reader) {
    if (!reader.map(value)) return;
    stats::ErrorCount& error = into.errors.emplace_back();
    std::string_view method;
    std::string_view name;
    read_field(value, "method", reader, [&](Value field) { method = reader.raw_text(field); });
    read_field(value, "name", reader, [&](Value field) { name = reader.raw_text(field); });
    read_field(value, "error", reader, [&](Value field) { error.text = reader.text(field); });
    read_field(value, "occurrences", reader, [&](Value field) {
        error.occurrences = reader.count(field);
    });
    std::optional<base::WallTime> first;
    std::optional<base::WallTime> last;
    read_field(
        value, "first_seen", reader, [&](Value field) { first = read_wall_time(field, reader); });
    read_field(
        value, "last_seen", reader, [&](Value field) { last = read_wall_time(field, reader); });
    error.last_seen = last.value_or(first.value_or(base::WallTime{}));
    error.first_seen = first.value_or(error.last_seen);
    error.key = reader.key(method, name);
}

}  // namespace

void write_data(Packer& packer, const from_worker::LocustStats& stats) {
    const stats::Delta& delta = stats.delta;
    const auto counts = [](const stats::EntryDelta& entry) {
        return entry.counts.requests > 0 || entry.counts.failures > 0;
    };
    packer.map(5);
    packer.text("stats");
    packer.array(static_cast<std::size_t>(
        std::count_if(delta.entries.begin(), delta.entries.end(), counts)));
    stats::EntryDelta all;
    for (const stats::EntryDelta& entry : delta.entries) {
        if (!counts(entry)) continue;
        write_entry(packer, *entry.key, entry, stats.since);
        all.merge(entry);
    }
    packer.text("stats_total");
    write_entry(packer, {.method = "", .name = "Aggregated"}, all, stats.since);
    packer.text("errors");
    packer.map(delta.errors.size());
    for (const stats::ErrorCount& error : delta.errors) write_error(packer, error);
    packer.text("user_classes_count");
    write_counts(packer, stats.user_classes_count);
    packer.text("user_count");
    packer.integer(stats.user_count);
}

void read_stats(Value data, from_worker::LocustStats& into, Reader& reader) {
    if (!reader.map(data)) return;
    into.since = base::WallTime::max();
    const bool has_stats = read_field(data, "stats", reader, [&](Value value) {
        if (!reader.array(value)) return;
        if (!reader.take_memory(value.size() * sizeof(stats::EntryDelta))) return;
        into.delta.entries.reserve(value.size());
        for (const Value entry : value) {
            if (reader.ok()) read_entry(entry, into, reader);
        }
    });
    if (!has_stats) reader.complain("has no \"stats\"");
    read_field(data, "errors", reader, [&](Value value) {
        if (!reader.map(value)) return;
        if (!reader.take_memory(value.size() * sizeof(stats::ErrorCount))) return;
        for (auto part = value.begin(); part != value.end() && reader.ok(); ++part) {
            read_error(*++part, into.delta, reader);
        }
    });
    read_field(data, "user_classes_count", reader, [&](Value value) {
        read_counts(value, into.user_classes_count, reader);
    });
    read_field(data, "user_count", reader, [&](Value value) {
        into.user_count = reader.integer(value, 0, Reader::kMostInteger);
    });
    if (into.since == base::WallTime::max()) into.since = {};
}

}  // namespace cicada::cluster
