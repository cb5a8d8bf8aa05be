// SPDX-License-Identifier: Apache-2.0
#include "cluster/dealer.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include <array>
#include <string>

#include "base/error.hpp"
#include "cluster/zmq_options.hpp"

namespace cicada::cluster {
namespace {

/// The other end: a ROUTER on a free port of this machine.
class Master {
public:
    Master() : context_(::zmq_ctx_new()), socket_(::zmq_socket(context_.get(), ZMQ_ROUTER)) {
        const int linger = 0;
        ::zmq_setsockopt(socket_.get(), ZMQ_LINGER, &linger, sizeof(linger));
        const int handover = 1;  // as a master: the connection before may not be gone yet
        ::zmq_setsockopt(socket_.get(), ZMQ_ROUTER_HANDOVER, &handover, sizeof(handover));
        REQUIRE(::zmq_bind(socket_.get(), "tcp://127.0.0.1:*") == 0);
        std::array<char, 256> endpoint{};
        std::size_t size = endpoint.size();
        ::zmq_getsockopt(socket_.get(), ZMQ_LAST_ENDPOINT, endpoint.data(), &size);
        const std::string text(endpoint.data());
        port = static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
    }

    /// "identity: bytes" of the next message; waits at most 5 s.
    std::string hear() {
        const int patience_ms = 5'000;
        ::zmq_setsockopt(socket_.get(), ZMQ_RCVTIMEO, &patience_ms, sizeof(patience_ms));
        const std::string identity = frame();
        return identity + ": " + frame();
    }
    void say(const std::string& identity, const std::string& bytes) {
        ::zmq_send(socket_.get(), identity.data(), identity.size(), ZMQ_SNDMORE);
        ::zmq_send(socket_.get(), bytes.data(), bytes.size(), 0);
    }

    std::uint16_t port = 0;

private:
    std::string frame() {
        std::array<char, 256> bytes{};
        const int size = ::zmq_recv(socket_.get(), bytes.data(), bytes.size(), 0);
        return size < 0 ? zmq_error() : std::string(bytes.data(), static_cast<std::size_t>(size));
    }

    ZmqContext context_;
    ZmqSocket socket_;
};

std::string receive(Dealer& dealer) {
    for (int turn = 0; turn < 100; ++turn) {
        if (auto bytes = dealer.try_receive()) return *bytes;
        pollfd waited{.fd = dealer.descriptor(), .events = POLLIN, .revents = 0};
        ::poll(&waited, 1, 50);
    }
    return "nothing";
}

TEST_CASE("a dealer speaks with a router, also after it was opened again") {
    // Goal: one frame each way, under the node's id. Method: a real ROUTER on loopback.
    Master master;
    Dealer dealer({.port = master.port, .id = "here_1"});
    CHECK_FALSE(dealer.try_receive());
    CHECK(dealer.send("hello") == SendResult::Sent);
    CHECK(master.hear() == "here_1: hello");
    master.say("here_1", "welcome");
    CHECK(receive(dealer) == "welcome");
    dealer.reopen();
    CHECK(dealer.send("again") == SendResult::Sent);
    CHECK(master.hear() == "here_1: again");
}

TEST_CASE("messages that nobody takes are bounded") {
    // Goal: a master that is away costs no memory without end. Method: nobody listens there.
    Dealer dealer({.port = 1, .id = "here_1"});
    int sent = 0;
    while (sent < 10 * SocketLimits::kMostWaiting && dealer.send("x") == SendResult::Sent) ++sent;
    CHECK(sent <= SocketLimits::kMostWaiting);
    dealer.reopen();
    CHECK(dealer.send("x") == SendResult::Sent);
    dealer.reopen();  // nothing is left that the end would wait for
}

TEST_CASE("an address that is none is refused by name") {
    // Goal: a typing error ends the program at once. Method: a host with a blank in it.
    CHECK_THROWS_WITH_AS(Dealer({.host = "not a host", .id = "x"}),
                         "the master's address not a host:5557 cannot be used: Invalid argument",
                         base::Error);
}

}  // namespace
}  // namespace cicada::cluster
