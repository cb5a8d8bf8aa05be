// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cicada::run {

/// What the machine lets this process have.
struct Resources {
    std::uint64_t descriptors = 0;       ///< limit of open files
    std::uint64_t descriptors_used = 0;  ///< open now
    std::uint32_t first_port = 0;        ///< of the range for outgoing connections
    std::uint32_t last_port = 0;         ///< inclusive

    [[nodiscard]] std::uint64_t ports() const;
};

/// Raises the soft limit of descriptors to the hard one, then looks. What cannot be found out is
/// counted as plenty.
[[nodiscard]] Resources claim_resources();

/// The most users a test may have at a time.
struct MostUsers {
    std::int64_t asked_for = 0;    ///< on the command line, in stages
    std::int64_t of_arrivals = 0;  ///< that the pools of an open model may have beside them
};

/// One line with the arithmetic for each thing the users of a test will lack, when each user holds
/// one connection to one address; empty: it fits.
[[nodiscard]] std::vector<std::string> shortages(const Resources& resources,
                                                 const MostUsers& users);

}  // namespace cicada::run
