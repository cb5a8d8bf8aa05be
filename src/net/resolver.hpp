// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/endpoint.hpp"

namespace cicada::net {

/// Looks a name up, as getaddrinfo does; called on a helper thread.
/// Error: a text as gai_strerror gives it; errno is EMFILE or ENFILE if that was why.
using Lookup = std::function<base::Result<std::vector<Endpoint>>(const std::string& name)>;

/// getaddrinfo itself, for stream sockets.
base::Result<std::vector<Endpoint>> system_lookup(const std::string& name);

struct ResolverOptions {
    std::chrono::nanoseconds ttl = std::chrono::seconds{30};  ///< `--dns-ttl`; 0: no caching
    std::size_t names_max = 1024;                             ///< names kept; the oldest makes room
    Lookup lookup = system_lookup;
};

/// Names to addresses, off the loop, remembered for a while.
///
/// One lookup is on its way per name, however many ask. A failed one is not remembered. When a
/// remembered name has expired and cannot be looked up any more, its old addresses are used on.
/// Belongs to one scheduler's thread.
class Resolver {
public:
    explicit Resolver(ResolverOptions options = {});
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    ~Resolver();

    /// All addresses of `host`, a different one first each time, so that new connections take
    /// turns. A literal address is its own answer and is not looked up.
    ///
    /// Suspends, shielded, when a lookup is needed.
    /// Error: `cannot resolve nosuch.example: Name or service not known`.
    base::Result<std::vector<Endpoint>> resolve(std::string_view host, std::uint16_t port);

private:
    struct Entry;

    std::shared_ptr<Entry> entry_of(std::string_view host);
    void look_up(const std::shared_ptr<Entry>& entry);

    ResolverOptions options_;
    std::vector<std::shared_ptr<Entry>> entries_;  // shared: a waiting fiber outlives an eviction
};

}  // namespace cicada::net
