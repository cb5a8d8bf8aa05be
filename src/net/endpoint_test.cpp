// SPDX-License-Identifier: Apache-2.0
#include "net/endpoint.hpp"

#include <doctest/doctest.h>

using cicada::net::Endpoint;

TEST_CASE("a literal address becomes an endpoint and the same text again") {
    // Goal: IPv4 and IPv6 literals, and nothing else, are addresses. Method: there and back.
    CHECK(Endpoint::from_literal("127.0.0.1", 80)->text() == "127.0.0.1:80");
    CHECK(Endpoint::from_literal("::1", 65535)->text() == "[::1]:65535");
    CHECK(Endpoint::from_literal("2001:db8:0::7", 1)->text() == "[2001:db8::7]:1");
    CHECK(Endpoint::from_literal("::1", 80)->family() == AF_INET6);
    for (const char* name : {"", "localhost", "1.2.3", "127.0.0.1 ", "[::1]", "1.2.3.256"}) {
        CHECK_FALSE(Endpoint::from_literal(name, 80).has_value());
    }
}

TEST_CASE("an endpoint survives the kernel's form of it") {
    // Goal: nothing is lost in a sockaddr. Method: copy through address().
    for (const char* literal : {"127.0.0.9", "fe80::3"}) {
        const auto endpoint = Endpoint::from_literal(literal, 8089).value();
        CHECK(Endpoint::from_sockaddr(endpoint.address()).text() == endpoint.text());
    }
    sockaddr_storage local{};
    local.ss_family = AF_UNIX;
    CHECK(Endpoint::from_sockaddr(reinterpret_cast<const sockaddr*>(&local)).text() == "0.0.0.0:0");
}
