// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace cicada::net {

/// Connections that could not be made for want of something of our own, since the last
/// take_shortages(). Threads: each has its own.
struct Shortages {
    std::uint64_t descriptors = 0;  ///< EMFILE, ENFILE
    std::uint64_t ports = 0;        ///< EADDRNOTAVAIL
};

/// Counts `error` if it is one of those.
void note_shortage(int error);

[[nodiscard]] Shortages take_shortages();

}  // namespace cicada::net
