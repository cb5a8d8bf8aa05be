// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <cicada/sync.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "fiber/scheduler.hpp"
#include "fiber/stream.hpp"
#include "net/shortages.hpp"

namespace cicada::net {

struct Resolver::Entry {
    std::string host;
    std::vector<Endpoint> addresses;  // empty: none known (yet)
    std::string error;                // of the last lookup
    int lacked = 0;                   // what it failed for want of, as errno says it
    base::TimePoint expires{};
    std::size_t next = 0;  // whose turn it is
    bool looking_up = false;
    Event looked_up;
};

base::Result<std::vector<Endpoint>> system_lookup(const std::string& name) {
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(name.c_str(), nullptr, &wanted, &found); error != 0) {
        // Without a descriptor it reads no file and asks nobody, and says that there is no such
        // name.
        const int lacks = errno;
        const bool is_short = lacks == EMFILE || lacks == ENFILE;
        return base::failure(is_short ? std::generic_category().message(lacks)
                                      : std::string(gai_strerror(error)));
    }
    std::vector<Endpoint> endpoints;
    for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
        if (info->ai_family == AF_INET || info->ai_family == AF_INET6) {
            endpoints.push_back(Endpoint::from_sockaddr(info->ai_addr));
        }
    }
    freeaddrinfo(found);
    if (endpoints.empty()) return base::failure(std::string(gai_strerror(EAI_NONAME)));
    return endpoints;
}

Resolver::Resolver(ResolverOptions options) : options_(std::move(options)) {}

Resolver::~Resolver() = default;

base::Result<std::vector<Endpoint>> Resolver::resolve(std::string_view host, std::uint16_t port) {
    if (const auto literal = Endpoint::from_literal(host, port)) return std::vector{*literal};

    const auto entry = entry_of(host);
    if (entry->looking_up) {
        entry->looked_up.wait();
    } else if (entry->addresses.empty() || fiber::now() >= entry->expires) {
        look_up(entry);
    }
    if (entry->addresses.empty()) {
        note_shortage(entry->lacked);
        return base::failure(fmt::format("cannot resolve {}: {}", host, entry->error));
    }
    auto addresses = entry->addresses;
    entry->next = (entry->next + 1) % addresses.size();
    const auto first = (entry->next + addresses.size() - 1) % addresses.size();
    std::rotate(
        addresses.begin(), addresses.begin() + static_cast<std::ptrdiff_t>(first), addresses.end());
    for (auto& address : addresses) address.set_port(port);
    return addresses;
}

std::shared_ptr<Resolver::Entry> Resolver::entry_of(std::string_view host) {
    const auto known = std::find_if(
        entries_.begin(), entries_.end(), [&](const auto& entry) { return entry->host == host; });
    if (known != entries_.end()) return *known;
    if (entries_.size() >= options_.names_max) entries_.erase(entries_.begin());
    entries_.push_back(std::make_shared<Entry>());
    entries_.back()->host = host;
    return entries_.back();
}

void Resolver::look_up(const std::shared_ptr<Entry>& entry) {
    entry->looking_up = true;
    entry->looked_up.clear();
    std::optional<base::Result<std::vector<Endpoint>>> found;
    int errno_of_lookup = 0;
    fiber::run_on_helper_thread([&] {
        errno = 0;
        found = options_.lookup(entry->host);
        errno_of_lookup = errno;
    });
    const bool is_short = errno_of_lookup == EMFILE || errno_of_lookup == ENFILE;
    entry->lacked = is_short ? errno_of_lookup : 0;
    if (*found) {
        entry->addresses = std::move(**found);
        entry->next = 0;
        entry->error.clear();
    } else {
        entry->error = found->error();
    }
    entry->expires = fiber::now() + options_.ttl;
    entry->looking_up = false;
    entry->looked_up.set();
}

}  // namespace cicada::net
