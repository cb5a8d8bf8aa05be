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

/// One line with the arithmetic for each thing the users of a test will lack, when each user holds
/// one connection to one address; empty: it fits.
[[nodiscard]] std::vector<std::string> shortages(const Resources& resources, std::int64_t users);

}  // namespace cicada::run
