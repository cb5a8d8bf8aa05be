// SPDX-License-Identifier: Apache-2.0
#include "user/rows.hpp"

#include <algorithm>

namespace cicada::user {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// How many numbers there are from `first` to `last`, and at most kMost.
std::int64_t count_of(std::int64_t first, std::int64_t last) {
    if (last < first) return 0;
    const std::uint64_t steps =
        static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
    return static_cast<std::int64_t>(std::min<std::uint64_t>(steps, kMost - 1)) + 1;
}

}  // namespace

RangeRows::RangeRows(std::int64_t first, std::int64_t last)
    : first_(first), size_(count_of(first, last)) {}

base::Result<void> RangeRows::open(const std::filesystem::path&) {
    return {};
}

Fields RangeRows::row(std::int64_t number) {
    return {{"value", first_ + number}};
}

base::Result<void> GeneratedRows::open(const std::filesystem::path&) {
    return {};
}

std::optional<std::int64_t> CountedRowNumbers::take() {
    if (next_ == end_) return std::nullopt;
    return next_++;
}

}  // namespace cicada::user
