// SPDX-License-Identifier: Apache-2.0
#include "net/listener.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "fiber/scheduler.hpp"

namespace cicada::net {
namespace {

constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kRetryAfter{10};

// Fibers of connections. Those that have ended are swept whenever as many were added as live.
class ConnectionFibers {
public:
    void add(fiber::Handle handle) {
        if (fibers_.size() >= sweep_at_) {
            std::erase_if(fibers_, [](const fiber::Handle& fiber) { return fiber.done(); });
            sweep_at_ = std::max(kSweepAtLeast, 2 * fibers_.size());
        }
        fibers_.push_back(std::move(handle));
    }

    // All at once first, so that none waits for the one before.
    ~ConnectionFibers() {
        for (auto& fiber : fibers_) fiber.cancel();
    }

private:
    static constexpr std::size_t kSweepAtLeast = 64;
    std::vector<fiber::Handle> fibers_;
    std::size_t sweep_at_ = kSweepAtLeast;
};

[[noreturn]] void fail_to_listen(const Endpoint& endpoint, int fd) {
    const auto why = std::generic_category().message(errno);
    if (fd >= 0) ::close(fd);
    throw base::Error(fmt::format("cannot listen on {}: {}", endpoint.text(), why));
}

}  // namespace

Listener::Listener(const Endpoint& endpoint)
    : endpoint_(endpoint),
      fd_(::socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const int on = 1;
    if (fd_ < 0 || ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        ::bind(fd_, endpoint.address(), endpoint.length()) != 0 || ::listen(fd_, kBacklog) != 0) {
        fail_to_listen(endpoint, fd_);
    }
    sockaddr_storage bound{};
    socklen_t length = sizeof(bound);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &length);
    endpoint_ = Endpoint::from_sockaddr(reinterpret_cast<const sockaddr*>(&bound));
}

Listener::~Listener() {
    if (fd_ >= 0) ::close(fd_);
}

void Listener::serve_each(const std::function<void(fiber::Stream)>& serve) {
    fiber::Acceptor acceptor(std::exchange(fd_, -1));
    ConnectionFibers fibers;
    while (true) {
        const int fd = acceptor.accept();
        if (fd < 0) {
            fiber::sleep_for(kRetryAfter);
            continue;
        }
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        auto stream =
            std::make_shared<fiber::Stream>(fd);  // shared: std::function must be copyable
        fibers.add(
            fiber::start([&serve, stream] { serve(std::move(*stream)); }, {.label = "connection"}));
    }
}

}  // namespace cicada::net
