// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace cicada::http {

/// What one response may cost at most.
struct Limits {
    std::size_t header_bytes = std::size_t{64} * 1024;           ///< status line and fields
    std::uint64_t body_bytes = std::uint64_t{64} * 1024 * 1024;  ///< buffered, decoded
    int interim_answers = 16;                                    ///< 1xx before the real one
    int redirects = 30;                                          ///< followed per request
    std::size_t idle_connections = 10;                           ///< kept by one client
};

/// How many bytes of bodies all responses of a process may hold together.
struct BodyBudget {
    std::uint64_t limit_bytes = std::uint64_t{1} << 30;
    std::uint64_t used_bytes = 0;
};

}  // namespace cicada::http
