// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "fiber/stream.hpp"
#include "net/endpoint.hpp"

namespace cicada::net {

/// A listening TCP socket.
class Listener {
public:
    /// Binds and listens (address reuse on). Port 0 takes a free one.
    /// Error: base::Error, `cannot listen on 127.0.0.1:80: Permission denied`.
    explicit Listener(const Endpoint& endpoint);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }  ///< with the real port

    /// Accepts connections for ever and hands each to `serve` in a fiber of its own. When the
    /// calling fiber is cancelled, all connections' fibers are cancelled and joined.
    /// Out of descriptors: waits 10 ms and tries again.
    ///
    /// Suspends.  Cancelled: throws FiberCancelled.
    void serve_each(const std::function<void(fiber::Stream)>& serve);

private:
    Endpoint endpoint_;
    int fd_;
};

}  // namespace cicada::net
