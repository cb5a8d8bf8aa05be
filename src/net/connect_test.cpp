// SPDX-License-Identifier: Apache-2.0
#include "net/connect.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "net/listener.hpp"

namespace cicada::net {
namespace {

using namespace std::chrono_literals;

void on_every_back_end(const std::function<void()>& body) {
    for (const auto io : {fiber::IoKind::Uring, fiber::IoKind::Epoll}) {
        fiber::Scheduler scheduler({.io = io});
        scheduler.run(body);
    }
}

Endpoint literal(std::string_view address, std::uint16_t port = 0) {
    return Endpoint::from_literal(address, port).value();
}

}  // namespace

TEST_CASE("the next address is tried when one refuses") {
    // Goal: a host with a dead address still works. Method: 127.0.0.2 listens, 127.0.0.1 does not.
    on_every_back_end([] {
        Listener listener(literal("127.0.0.2"));
        const auto port = listener.endpoint().port();
        const auto serving = fiber::start([&] {
            listener.serve_each([](fiber::Stream stream) {
                CHECK(stream.send("hello", fiber::kNever) == 0);
                (void)stream.receive(fiber::kNever);
            });
        });
        Resolver resolver({.lookup = [](const std::string&) -> base::Result<std::vector<Endpoint>> {
            return std::vector{literal("127.0.0.1"), literal("127.0.0.2")};
        }});
        auto stream = connect(resolver, {.host = "shop", .port = port});
        REQUIRE(stream.has_value());
        CHECK(stream->receive(fiber::kNever).bytes == "hello");
    });
}

TEST_CASE("the last address's error is told when none accepts") {
    // Goal: the text. Method: closed ports; a name without addresses.
    on_every_back_end([] {
        Resolver resolver(
            {.lookup = [](const std::string& name) -> base::Result<std::vector<Endpoint>> {
                if (name == "none") return base::failure(std::string("No address"));
                return std::vector{literal("127.0.0.1"), literal("::1")};
            }});
        CHECK(connect(resolver, {.host = "shop", .port = 1}).error() ==
              "connect to [::1]:1: Connection refused");
        CHECK(connect(resolver, {.host = "none", .port = 1}).error() ==
              "cannot resolve none: No address");
    });
}

TEST_CASE("a connection that does not come about in time is given up") {
    // Goal: the deadline. Method: a listening socket whose queue is full drops further attempts.
    on_every_back_end([] {
        const int full = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto endpoint = literal("127.0.0.1");
        REQUIRE(::bind(full, endpoint.address(), endpoint.length()) == 0);
        REQUIRE(::listen(full, 0) == 0);
        sockaddr_storage bound{};
        socklen_t length = sizeof(bound);
        ::getsockname(full, reinterpret_cast<sockaddr*>(&bound), &length);
        endpoint = Endpoint::from_sockaddr(reinterpret_cast<const sockaddr*>(&bound));

        Resolver resolver;
        std::string why;
        std::vector<fiber::Stream> held;
        const auto before = fiber::now();
        for (int i = 0; i < 5 && why.empty(); ++i) {
            auto stream = connect(
                resolver,
                {.host = "127.0.0.1", .port = endpoint.port(), .deadline = fiber::now() + 20ms});
            if (stream) {
                held.push_back(std::move(*stream));
            } else {
                why = stream.error();
            }
        }
        CHECK(why == "connect to " + endpoint.text() + ": Connection timed out");
        CHECK(fiber::now() - before < 500ms);
        ::close(full);
    });
}

TEST_CASE("cancelling the accept loop ends its connections") {
    // Goal: no fiber outlives its server. Method: a connection that would wait for ever.
    on_every_back_end([] {
        Listener listener(literal("127.0.0.1"));
        int open = 0;
        auto serving = fiber::start([&] {
            listener.serve_each([&](fiber::Stream stream) {
                struct Count {
                    explicit Count(int& to) : count(to) { ++count; }
                    ~Count() { --count; }
                    int& count;
                } const counted(open);
                (void)stream.receive(fiber::kNever);
            });
        });
        Resolver resolver;
        std::vector<fiber::Stream> streams;
        for (int i = 0; i < 100; ++i) {
            streams.push_back(
                connect(resolver, {.host = "127.0.0.1", .port = listener.endpoint().port()})
                    .value());
        }
        while (open < 100) fiber::sleep_for(1ms);
        serving.cancel();
        serving.join();
        CHECK(open == 0);
    });
}

}  // namespace cicada::net
