// SPDX-License-Identifier: Apache-2.0
#include "cluster/router.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "base/expects.hpp"
#include "cluster/zmq_options.hpp"

namespace cicada::cluster {
namespace {

int descriptor_of(void* socket) {
    int descriptor = -1;
    std::size_t size = sizeof(descriptor);
    ::zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size);
    return descriptor;
}

bool is_of_this_machine(zmq_msg_t& message) {
    const char* const address = ::zmq_msg_gets(&message, "Peer-Address");
    if (address == nullptr) return false;
    std::string_view text = address;
    if (text.starts_with("::ffff:")) text.remove_prefix(7);
    return is_loopback(text);
}

std::optional<std::string> receive_part(void* socket, bool& more, bool* local = nullptr) {
    zmq_msg_t message;
    ::zmq_msg_init(&message);
    std::optional<std::string> bytes;
    if (::zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0) {
        bytes.emplace(static_cast<const char*>(::zmq_msg_data(&message)), ::zmq_msg_size(&message));
        more = ::zmq_msg_more(&message) != 0;
        if (local != nullptr) *local = is_of_this_machine(message);
    }
    ::zmq_msg_close(&message);
    return bytes;
}

std::string address_of(const Bind& bind) {
    const std::string host = bind.host.empty() ? "*" : bind.host;
    const std::string port = bind.port == 0 ? "*" : std::to_string(bind.port);
    const bool is_bare_v6 = host.find(':') != std::string::npos && host.front() != '[';
    return is_bare_v6 ? fmt::format("tcp://[{}]:{}", host, port)
                      : fmt::format("tcp://{}:{}", host, port);
}

std::uint16_t port_of(void* socket) {
    std::array<char, 256> endpoint{};
    std::size_t size = endpoint.size();
    ::zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint.data(), &size);
    const std::string text(endpoint.data());
    return static_cast<std::uint16_t>(
        std::strtoul(text.c_str() + text.rfind(':') + 1, nullptr, 10));
}

}  // namespace

std::optional<Bind> bind_of(std::string_view text) {
    Bind bind;
    const std::size_t colon = text.rfind(':');
    if (colon != std::string_view::npos) {
        bind.host = text.substr(0, colon);
        text.remove_prefix(colon + 1);
        if (bind.host.starts_with('[') && bind.host.ends_with(']')) {
            bind.host = bind.host.substr(1, bind.host.size() - 2);
        }
        if (bind.host.empty()) return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bind.port);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return bind;
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

Router::Router(const RouterOptions& options)
    : context_(::zmq_ctx_new()), is_secure_(options.keys.has_value()) {
    open(doors_[0], {.host = options.host, .port = options.port}, options.keys);
    if (!options.plain) return;
    open(doors_[1], *options.plain, std::nullopt);
    both_ = ::epoll_create1(EPOLL_CLOEXEC);
    base::expects(both_ >= 0, "the kernel makes an epoll instance");
    for (const Door& door : doors_) {
        epoll_event event{.events = EPOLLIN, .data = {}};
        ::epoll_ctl(both_, EPOLL_CTL_ADD, descriptor_of(door.socket.get()), &event);
    }
}

Router::~Router() {
    if (both_ >= 0) ::close(both_);
}

void Router::open(Door& door, const Bind& bind, const std::optional<ClusterKeys>& keys) {
    door.socket.reset(::zmq_socket(context_.get(), ZMQ_ROUTER));
    void* const socket = door.socket.get();
    base::expects(socket != nullptr, "ZeroMQ makes a router");
    set_option(socket, ZMQ_ROUTER_HANDOVER, 1);
    set_option(socket, ZMQ_ROUTER_MANDATORY, 1);
    set_common_options(socket);
    set_option(socket, ZMQ_BACKLOG, kMostUnaccepted);
    if (keys) {
        set_option(socket, ZMQ_CURVE_SERVER, 1);
        set_bytes(socket, ZMQ_CURVE_SECRETKEY, keys->master_secret);
        constexpr std::string_view kDomain = "cluster";
        set_bytes(socket, ZMQ_ZAP_DOMAIN, kDomain);
        gatekeeper_ = std::make_unique<Gatekeeper>(context_.get(), socket, keys->worker_public);
    }
    const std::string address = address_of(bind);
    if (::zmq_bind(socket, address.c_str()) != 0) {
        throw base::Error(
            fmt::format("cannot wait for workers at {}: {}; try --master-bind-port, "
                        "--master-bind-host, --plain-bind",
                        address.substr(sizeof("tcp://") - 1),
                        zmq_error()));
    }
    door.port = port_of(socket);
}

std::optional<Router::Received> Router::try_receive() {
    for (std::size_t i = 0; i < doors_.size(); ++i) {
        const std::size_t number = (next_door_ + i) % doors_.size();
        Door& door = doors_[number];
        while (door.socket != nullptr) {
            auto received = receive(door);
            if (!received) break;
            next_door_ = 1 - number;  // nobody who talks without end is heard alone
            const bool is_plain_door = &door != &doors_[0];
            received->secured = is_secure_ && !is_plain_door;
            if (both_ >= 0) {
                if (!is_plain_door) {
                    secured_ids_.insert(received->id);
                } else if (secured_ids_.contains(received->id)) {
                    continue;
                }
            }
            return received;
        }
    }
    return std::nullopt;
}

std::optional<Router::Received> Router::receive(Door& door) {
    while (true) {
        bool more = false;
        auto id = receive_part(door.socket.get(), more);
        if (!id) return std::nullopt;
        if (!more) continue;
        bool local = false;
        auto bytes = receive_part(door.socket.get(), more, &local);
        const bool is_ours = bytes && !more && id->size() <= kLongestId;
        while (more && receive_part(door.socket.get(), more)) {
        }
        if (is_ours) return Received{std::move(*id), std::move(*bytes), false, local};
    }
}

Delivery Router::send(const std::string& id, std::string_view bytes) {
    const bool by_plain_door = both_ >= 0 && !secured_ids_.contains(id);
    void* const socket = doors_[by_plain_door ? 1 : 0].socket.get();
    if (::zmq_send(socket, id.data(), id.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
        return ::zmq_errno() == EHOSTUNREACH ? Delivery::Unknown : Delivery::Full;
    }
    const int sent = ::zmq_send(socket, bytes.data(), bytes.size(), ZMQ_DONTWAIT);
    return sent < 0 ? Delivery::Full : Delivery::Sent;
}

int Router::descriptor() const {
    return both_ >= 0 ? both_ : descriptor_of(doors_[0].socket.get());
}

}  // namespace cicada::cluster
