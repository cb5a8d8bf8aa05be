// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cicada::net {

/// An address and port of IPv4 or IPv6.
class Endpoint {
public:
    Endpoint();  ///< 0.0.0.0:0

    /// From a literal such as `127.0.0.1` or `::1` (brackets are not part of it).
    /// Error: nothing when `address` is a name or nonsense.
    static std::optional<Endpoint> from_literal(std::string_view address, std::uint16_t port);

    /// From what the kernel or getaddrinfo wrote. Shape: families other than AF_INET and AF_INET6
    /// give 0.0.0.0:0.
    static Endpoint from_sockaddr(const sockaddr* address);

    [[nodiscard]] const sockaddr* address() const;
    [[nodiscard]] socklen_t length() const;
    [[nodiscard]] int family() const { return storage_.v4.sin_family; }
    [[nodiscard]] std::uint16_t port() const;
    void set_port(std::uint16_t port);

    /// `127.0.0.1:80`, `[::1]:80`.
    [[nodiscard]] std::string text() const;

private:
    union {
        sockaddr_in6 v6;  // the larger one first: all of it begins as zeros
        sockaddr_in v4;
    } storage_{};
};

}  // namespace cicada::net
