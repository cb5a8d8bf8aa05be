// SPDX-License-Identifier: Apache-2.0
#include "cluster/dealer.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "base/error.hpp"
#include "base/expects.hpp"
#include "cluster/zmq_options.hpp"

namespace cicada::cluster {
Dealer::Dealer(DealerOptions options)
    : options_(std::move(options)),
      own_context_(options_.context == nullptr ? ::zmq_ctx_new() : nullptr),
      context_(options_.context == nullptr ? own_context_.get() : options_.context) {
    open();
}

void Dealer::open() {
    socket_.reset(::zmq_socket(context_, ZMQ_DEALER));
    void* const socket = socket_.get();
    base::expects(socket != nullptr, "ZeroMQ makes a dealer");
    ::zmq_setsockopt(socket, ZMQ_ROUTING_ID, options_.id.data(), options_.id.size());
    set_common_options(socket);
    set_option(socket, ZMQ_RECONNECT_IVL_MAX, kSlowestReconnectMs);
    if (options_.keys) {
        const ClusterKeys& keys = *options_.keys;
        set_bytes(socket, ZMQ_CURVE_SERVERKEY, keys.master_public);
        set_bytes(socket, ZMQ_CURVE_PUBLICKEY, keys.worker_public);
        set_bytes(socket, ZMQ_CURVE_SECRETKEY, keys.worker_secret);
    }
    watch();
    const bool is_v6 = options_.host.find(':') != std::string::npos;
    const std::string address = is_v6 ? fmt::format("tcp://[{}]:{}", options_.host, options_.port)
                                      : fmt::format("tcp://{}:{}", options_.host, options_.port);
    if (::zmq_connect(socket, address.c_str()) != 0) {
        throw base::Error(fmt::format("the master's address {} cannot be used: {}",
                                      address.substr(sizeof("tcp://") - 1),
                                      zmq_error()));
    }
}

void Dealer::watch() {
    static std::atomic<unsigned> made{0};  // addresses within the process are taken once
    const std::string address = fmt::format("inproc://cicada-dealer-{}", made++);
    constexpr int kEvents = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                            ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    events_.reset(::zmq_socket(context_, ZMQ_PAIR));
    const bool watched = events_ != nullptr &&
                         ::zmq_socket_monitor(socket_.get(), address.c_str(), kEvents) == 0 &&
                         ::zmq_connect(events_.get(), address.c_str()) == 0;
    base::expects(watched, "ZeroMQ tells of a dealer's connection");
}

std::optional<std::string> Dealer::trouble() {
    std::optional<std::string> said;
    std::array<char, 256> frame{};
    while (::zmq_recv(events_.get(), frame.data(), frame.size(), ZMQ_DONTWAIT) >= 0) {
        std::uint16_t kind = 0;
        std::memcpy(&kind, frame.data(), sizeof(kind));
        ::zmq_recv(events_.get(), frame.data(), frame.size(), ZMQ_DONTWAIT);  // the address
        const bool failed = kind != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        if (failed && !in_trouble_) {
            said = fmt::format(
                "the master at {}:{} refuses this worker: {}",
                options_.host,
                options_.port,
                options_.keys ? "it has another cluster secret, or none, or is no master"
                              : "it wants a cluster secret (--cluster-secret), or is no master");
        }
        in_trouble_ = failed;
    }
    return said;
}

void Dealer::reopen() {
    set_option(socket_.get(), ZMQ_LINGER, 0);
    events_.reset();
    socket_.reset();
    if (own_context_ != nullptr) {
        // Waits until the old connection is closed: a master may refuse a second one of the id.
        own_context_.reset();
        own_context_.reset(::zmq_ctx_new());
        context_ = own_context_.get();
    }
    open();
}

SendResult Dealer::send(std::string_view bytes) {
    const int sent = ::zmq_send(socket_.get(), bytes.data(), bytes.size(), ZMQ_DONTWAIT);
    return sent < 0 ? SendResult::Full : SendResult::Sent;
}

std::optional<std::string> Dealer::try_receive() {
    zmq_msg_t message;
    ::zmq_msg_init(&message);
    std::optional<std::string> bytes;
    if (::zmq_msg_recv(&message, socket_.get(), ZMQ_DONTWAIT) >= 0) {
        bytes.emplace(static_cast<const char*>(::zmq_msg_data(&message)), ::zmq_msg_size(&message));
    }
    ::zmq_msg_close(&message);
    return bytes;
}

int Dealer::descriptor() const {
    int descriptor = -1;
    std::size_t size = sizeof(descriptor);
    ::zmq_getsockopt(socket_.get(), ZMQ_FD, &descriptor, &size);
    return descriptor;
}

}  // namespace cicada::cluster
