// SPDX-License-Identifier: Apache-2.0
#include "cluster/histogram_codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cicada::cluster {
namespace {

using stats::Histogram;

// Source: LEB128, as in DWARF 5, section 7.6.
void append_number(std::string& bytes, std::uint64_t number) {
    while (number >= 0x80) {
        bytes += static_cast<char>(number | 0x80U);
        number >>= 7U;
    }
    bytes += static_cast<char>(number);
}

// Takes a number from the beginning of `bytes`; nothing: there is none of 64 bits.
std::optional<std::uint64_t> take_number(std::string_view& bytes) {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(bytes.front());
        bytes.remove_prefix(1);
        number |= std::uint64_t{byte & 0x7FU} << shift;
        if (byte < 0x80) return number;
    }
    return std::nullopt;
}

// False: they are no buckets.
bool take_buckets(std::string_view bytes, std::vector<Histogram::Bucket>& buckets) {
    buckets.clear();
    std::uint64_t number = 0;
    while (!bytes.empty()) {
        const auto gap = take_number(bytes);
        if (!gap || *gap >= Histogram::kBuckets) return false;
        const auto count = take_number(bytes);
        if (!count) return false;
        number += *gap;
        if (number >= Histogram::kBuckets) return false;
        buckets.push_back({.number = static_cast<std::uint32_t>(number), .count = *count});
        if (buckets.size() > Histogram::kBuckets) return false;
    }
    return !buckets.empty();
}

}  // namespace

void write_histogram(Packer& packer, const Histogram& times) {
    if (times.empty()) return packer.nil();
    std::string bytes;
    std::uint32_t before = 0;
    times.for_each_bucket([&](const Histogram::Bucket& bucket) {
        append_number(bytes, bucket.number - before);
        append_number(bytes, bucket.count);
        before = bucket.number;
    });
    packer.array(4);
    packer.integer(times.min().count());
    packer.integer(times.max().count());
    packer.number(times.sum_ns());
    packer.binary(bytes);
}

void read_histogram(Value value, Histogram& into, Reader& reader) {
    into = {};
    if (value.is_nil() || !reader.array(value)) return;
    if (value.size() < 4) return reader.complain("is a histogram of less than 4 values");
    constexpr std::int64_t kMost = std::int64_t{1} << 62;
    auto part = value.begin();
    const std::chrono::nanoseconds min(reader.integer(*part, 0, kMost));
    const std::chrono::nanoseconds max(reader.integer(*++part, 0, kMost));
    const double sum_ns = reader.number(*++part);
    const auto bytes = (*++part).binary();
    if (!reader.ok()) return;
    if (!bytes || !take_buckets(*bytes, reader.buckets())) {
        return reader.complain("is a histogram without buckets that could be");
    }
    auto read = Histogram::of(reader.buckets(), min, max, sum_ns);
    if (!read) return reader.complain("is a histogram that cannot be");
    if (reader.take_memory(read->memory())) into = std::move(*read);
}

}  // namespace cicada::cluster
