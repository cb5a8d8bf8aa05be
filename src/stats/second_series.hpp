// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "stats/delta.hpp"

namespace cicada::stats {

/// Requests and failures of each second, the last kMostSeconds or a little more of them.
///
/// Cheap to copy: full chunks are shared, since only the last seconds still change.
class SecondSeries {
public:
    static constexpr std::int64_t kChunk = 64;           ///< seconds
    static constexpr std::int64_t kMostSeconds = 3'600;  ///< older ones are forgotten

    void add(const SecondCounts& counts);

    [[nodiscard]] SecondCounts at(std::int64_t second) const;  ///< zeroes: nothing known

    /// Those with a request or failure, ascending.
    [[nodiscard]] std::vector<SecondCounts> all() const;

private:
    struct Chunk {
        std::int64_t number = 0;  // second / kChunk
        std::array<std::uint32_t, kChunk> requests{};
        std::array<std::uint32_t, kChunk> failures{};
    };

    // Shared between copies of the series; never written once another copy may see it.
    std::vector<std::shared_ptr<const Chunk>> chunks_;  // ascending
};

}  // namespace cicada::stats
