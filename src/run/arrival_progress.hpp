// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace cicada::run {

/// How the arrivals of one class of an open model have fared in the running test. A plain value.
///
/// planned = begun + dropped + waiting; begun = done + cut off + under way.
struct ArrivalProgress {
    std::string name{};         ///< of the class
    std::uint64_t planned = 0;  ///< were due by now
    std::uint64_t begun = 0;
    std::uint64_t done = 0;     ///< executed to their end
    std::uint64_t delayed = 0;  ///< of those planned, found all users busy and waited for one
    std::uint64_t dropped = 0;  ///< never begun: found all users busy, or the test had ended
    std::int64_t users = 0;     ///< of the pool, now
    std::int64_t busy = 0;      ///< of them, in an execution
    std::int64_t max_users = 0;
    std::uint64_t uncertain = 0;  ///< more may have been begun, by workers that have died
    bool more_to_come = false;    ///< planned ones, or those that wait

    [[nodiscard]] std::uint64_t waiting() const { return planned - begun - dropped; }

    friend bool operator==(const ArrivalProgress&, const ArrivalProgress&) = default;
};

/// "Buyer: 12,000 arrivals planned = 11,900 begun + 100 dropped + 0 waiting; 350 were delayed".
[[nodiscard]] std::string text_of(const ArrivalProgress& progress);

}  // namespace cicada::run
