// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zmq.h>

#include <memory>
#include <string>

namespace cicada::cluster {

struct ZmqContextEnd {
    void operator()(void* context) const { ::zmq_ctx_term(context); }
};
struct ZmqSocketEnd {
    void operator()(void* socket) const { ::zmq_close(socket); }
};

/// ZeroMQ's own threads; outlives its sockets. Destroying it waits for what their linger says.
using ZmqContext = std::unique_ptr<void, ZmqContextEnd>;

/// Threads: one at a time.
using ZmqSocket = std::unique_ptr<void, ZmqSocketEnd>;

/// What the last call that failed says of it.
[[nodiscard]] inline std::string zmq_error() {
    return ::zmq_strerror(::zmq_errno());
}

}  // namespace cicada::cluster
