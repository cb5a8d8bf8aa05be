// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "fiber/stream.hpp"
#include "net/endpoint.hpp"
#include "net/resolver.hpp"

namespace cicada::net {

/// Where to, and how long it may take.
struct ConnectTarget {
    std::string_view host;  ///< a name or a literal address, without brackets
    std::uint16_t port = 0;
    fiber::TimePoint deadline = fiber::kNever;
};

/// A new TCP connection (no delay), over the first of the host's addresses that accepts one.
///
/// Suspends.  Cancelled: throws FiberCancelled.
/// Error: `connect to 127.0.0.1:1: Connection refused` of the last address tried; a deadline gives
/// `connect to 10.0.0.1:80: Connection timed out`.
base::Result<fiber::Stream> connect(Resolver& resolver, const ConnectTarget& target);

}  // namespace cicada::net
