// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace cicada::run {

/// Where the answers of a dry run came from. A plain value.
struct AnswerCounts {
    std::uint64_t by_test = 0;   ///< on_dry_run()
    std::uint64_t recorded = 0;  ///< --answers
    std::uint64_t plain = 0;     ///< 200 with nothing in it
    std::chrono::nanoseconds plain_latency{};

    [[nodiscard]] std::uint64_t all() const { return by_test + recorded + plain; }
};

}  // namespace cicada::run
