// SPDX-License-Identifier: Apache-2.0
#include "cluster/gatekeeper.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sodium.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/expects.hpp"
#include "base/log.hpp"

namespace cicada::cluster {
namespace {

constexpr const char* kZapAddress = "inproc://zeromq.zap.01";
constexpr int kEventsOfInterest = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                  ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                  ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED;

ZmqSocket socket_of(void* context, int type) {
    ZmqSocket made(::zmq_socket(context, type));
    base::expects(made != nullptr, "ZeroMQ makes a socket within the process");
    return made;
}

// The parts of the message that waits; none when the socket's context has ended.
std::vector<std::string> receive_all(void* socket) {
    std::vector<std::string> parts;
    int more = 1;
    while (more != 0) {
        zmq_msg_t part;
        ::zmq_msg_init(&part);
        const bool received = ::zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) >= 0;
        more = received ? ::zmq_msg_more(&part) : 0;
        if (received) {
            parts.emplace_back(static_cast<const char*>(::zmq_msg_data(&part)),
                               ::zmq_msg_size(&part));
        }
        ::zmq_msg_close(&part);
    }
    return parts;
}

void send_all(void* socket, const std::vector<std::string_view>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const int flags = ZMQ_DONTWAIT | (i + 1 < parts.size() ? ZMQ_SNDMORE : 0);
        ::zmq_send(socket, parts[i].data(), parts[i].size(), flags);
    }
}

std::string peer_of(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    } else if (address.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    }
    const std::string shown(text.data());
    constexpr std::string_view kMapped = "::ffff:";
    return shown.starts_with(kMapped) ? shown.substr(kMapped.size()) : shown;
}

// Addresses within the process, one for each gatekeeper.
std::string inner_address(std::string_view of) {
    static std::atomic<unsigned> made{0};
    return fmt::format("inproc://cicada-{}-{}", of, made++);
}

}  // namespace

Gatekeeper::Gatekeeper(void* context, void* socket, const Key& admitted)
    : admitted_(admitted),
      questions_(socket_of(context, ZMQ_REP)),
      events_(socket_of(context, ZMQ_PAIR)),
      end_here_(socket_of(context, ZMQ_PAIR)),
      end_there_(socket_of(context, ZMQ_PAIR)) {
    const std::string events = inner_address("events");
    const std::string end = inner_address("end");
    const bool connected = ::zmq_bind(questions_.get(), kZapAddress) == 0 &&
                           ::zmq_socket_monitor(socket, events.c_str(), kEventsOfInterest) == 0 &&
                           ::zmq_connect(events_.get(), events.c_str()) == 0 &&
                           ::zmq_bind(end_here_.get(), end.c_str()) == 0 &&
                           ::zmq_connect(end_there_.get(), end.c_str()) == 0;
    base::expects(connected, "sockets within the process are connected");
    thread_ = std::thread([this] { run(); });
}

Gatekeeper::~Gatekeeper() {
    send_all(end_there_.get(), {""});
    thread_.join();
}

void Gatekeeper::run() {
    std::array<zmq_pollitem_t, 3> items{{{questions_.get(), 0, ZMQ_POLLIN, 0},
                                         {events_.get(), 0, ZMQ_POLLIN, 0},
                                         {end_here_.get(), 0, ZMQ_POLLIN, 0}}};
    while (::zmq_poll(items.data(), static_cast<int>(items.size()), -1) >= 0) {
        if ((items[0].revents & ZMQ_POLLIN) != 0) answer();
        if ((items[1].revents & ZMQ_POLLIN) != 0) look_at_event();
        if (items[2].revents != 0) return;
    }
}

// [version, request id, domain, address, identity, mechanism, key] is answered by [version, request
// id, status, text, user id, metadata].
void Gatekeeper::answer() {
    const auto question = receive_all(questions_.get());
    if (question.size() < 2) return;
    const bool may_enter =
        question.size() == 7 && question[0] == "1.0" && question[5] == "CURVE" &&
        question[6].size() == admitted_.size() &&
        ::sodium_memcmp(question[6].data(), admitted_.data(), admitted_.size()) == 0;
    send_all(questions_.get(),
             {"1.0",
              question[1],
              may_enter ? "200" : "400",
              may_enter ? "OK" : "no key of this cluster",
              "",
              ""});
}

// A failed handshake names no peer; but the connection is closed next, by its descriptor.
void Gatekeeper::look_at_event() {
    const auto event = receive_all(events_.get());
    if (event.empty() || event[0].size() < sizeof(std::uint16_t) + sizeof(std::uint32_t)) return;
    std::uint16_t kind = 0;
    std::int32_t value = 0;
    std::memcpy(&kind, event[0].data(), sizeof(kind));
    std::memcpy(&value, event[0].data() + sizeof(kind), sizeof(value));
    switch (kind) {
        case ZMQ_EVENT_ACCEPTED:
            peers_[value] = peer_of(value);
            break;
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            handshake_failed_ = true;
            break;
        case ZMQ_EVENT_DISCONNECTED: {
            const auto peer = peers_.extract(value);
            if (!std::exchange(handshake_failed_, false)) break;
            const auto line = refusals_.add(
                peer.empty() || peer.mapped().empty() ? "an unknown host" : peer.mapped(),
                "it does not know the cluster's secret",
                base::steady_now());
            if (line) base::log_text(base::LogLevel::Warning, *line);
            break;
        }
        default:
            break;
    }
}

}  // namespace cicada::cluster
