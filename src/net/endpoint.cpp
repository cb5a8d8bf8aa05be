// SPDX-License-Identifier: Apache-2.0
#include "net/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <cstring>

namespace cicada::net {
namespace {

constexpr std::size_t kLiteralMax = INET6_ADDRSTRLEN;

}  // namespace

Endpoint::Endpoint() {
    storage_.v4.sin_family = AF_INET;
}

std::optional<Endpoint> Endpoint::from_literal(std::string_view address, std::uint16_t port) {
    if (address.empty() || address.size() >= kLiteralMax) return {};
    std::array<char, kLiteralMax> text{};
    std::memcpy(text.data(), address.data(), address.size());
    Endpoint endpoint;
    if (inet_pton(AF_INET, text.data(), &endpoint.storage_.v4.sin_addr) != 1) {
        std::memset(&endpoint.storage_, 0, sizeof(endpoint.storage_));
        if (inet_pton(AF_INET6, text.data(), &endpoint.storage_.v6.sin6_addr) != 1) return {};
        endpoint.storage_.v6.sin6_family = AF_INET6;
    }
    endpoint.set_port(port);
    return endpoint;
}

Endpoint Endpoint::from_sockaddr(const sockaddr* address) {
    Endpoint endpoint;
    if (address->sa_family == AF_INET) {
        std::memcpy(&endpoint.storage_.v4, address, sizeof(sockaddr_in));
    } else if (address->sa_family == AF_INET6) {
        std::memcpy(&endpoint.storage_.v6, address, sizeof(sockaddr_in6));
    }
    return endpoint;
}

const sockaddr* Endpoint::address() const {
    return reinterpret_cast<const sockaddr*>(&storage_);
}

socklen_t Endpoint::length() const {
    return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

std::uint16_t Endpoint::port() const {
    return ntohs(family() == AF_INET6 ? storage_.v6.sin6_port : storage_.v4.sin_port);
}

void Endpoint::set_port(std::uint16_t port) {
    if (family() == AF_INET6) {
        storage_.v6.sin6_port = htons(port);
    } else {
        storage_.v4.sin_port = htons(port);
    }
}

std::string Endpoint::text() const {
    std::array<char, kLiteralMax> text{};
    if (family() == AF_INET6) {
        inet_ntop(AF_INET6, &storage_.v6.sin6_addr, text.data(), text.size());
        return fmt::format("[{}]:{}", text.data(), port());
    }
    inet_ntop(AF_INET, &storage_.v4.sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), port());
}

}  // namespace cicada::net
