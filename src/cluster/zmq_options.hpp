// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/expects.hpp"
#include "cluster/codec.hpp"
#include "cluster/zmq_handles.hpp"

namespace cicada::cluster {

/// What both ends of a cluster's connections are made with.
/// Source: Locust, rpc/zmqrpc.py; but silence of the other side is noticed, and queues and messages
///         are bounded.
struct SocketLimits {
    static constexpr int kMostWaiting = 1'000;  ///< messages for, or from, one other node
    static constexpr std::int64_t kMostBytes = Decoder::kMostBytes;  ///< of one message
    static constexpr int kHeartbeatMs = 2'000;                       ///< of ZeroMQ
    static constexpr int kHeartbeatTimeoutMs = 10'000;  ///< then the connection is made anew
    static constexpr int kLingerMs = 1'000;             ///< for the last words, at the end
};

template <class Value>
void set_option(void* socket, int option, Value value) {
    const int result = ::zmq_setsockopt(socket, option, &value, sizeof(value));
    base::expects(result == 0, "ZeroMQ takes the options of a socket");
}

template <class Bytes>
void set_bytes(void* socket, int option, const Bytes& value) {
    const int result = ::zmq_setsockopt(socket, option, value.data(), value.size());
    base::expects(result == 0, "ZeroMQ takes keys and names");
}

inline void set_common_options(void* socket) {
    set_option(socket, ZMQ_TCP_KEEPALIVE, 1);
    set_option(socket, ZMQ_TCP_KEEPALIVE_IDLE, 30);
    set_option(socket, ZMQ_IPV6, 1);
    set_option(socket, ZMQ_SNDHWM, SocketLimits::kMostWaiting);
    set_option(socket, ZMQ_RCVHWM, SocketLimits::kMostWaiting);
    set_option(socket, ZMQ_MAXMSGSIZE, SocketLimits::kMostBytes);
    set_option(socket, ZMQ_HEARTBEAT_IVL, SocketLimits::kHeartbeatMs);
    set_option(socket, ZMQ_HEARTBEAT_TIMEOUT, SocketLimits::kHeartbeatTimeoutMs);
    set_option(socket, ZMQ_LINGER, SocketLimits::kLingerMs);
}

}  // namespace cicada::cluster
