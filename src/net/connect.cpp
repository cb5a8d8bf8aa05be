// SPDX-License-Identifier: Apache-2.0
#include "net/connect.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "net/shortages.hpp"

namespace cicada::net {
namespace {

std::string text_of(int error) {
    return std::generic_category().message(error);
}

}  // namespace

base::Result<fiber::Stream> connect(Resolver& resolver, const ConnectTarget& target) {
    const auto addresses = resolver.resolve(target.host, target.port);
    if (!addresses) return base::failure(addresses.error());

    std::string why;
    for (const Endpoint& endpoint : *addresses) {
        const int fd = ::socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) {
            const int error = errno;
            note_shortage(error);
            why = fmt::format("connect to {}: no socket: {}", endpoint.text(), text_of(error));
            continue;
        }
        fiber::Stream stream(fd);
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        const int error = stream.connect(endpoint.address(), endpoint.length(), target.deadline);
        if (error == 0) return stream;
        note_shortage(error);
        why = fmt::format("connect to {}: {}", endpoint.text(), text_of(error));
        if (fiber::now() >= target.deadline) break;
    }
    return base::failure(std::move(why));
}

}  // namespace cicada::net
