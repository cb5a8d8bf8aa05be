// SPDX-License-Identifier: Apache-2.0
#include "fiber/stream.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "cicada/fiber.hpp"
#include "cicada/sync.hpp"
#include "fiber/io.hpp"

namespace cicada::fiber {

using namespace std::chrono_literals;

namespace {

constexpr std::array kBackEnds{IoKind::Uring, IoKind::Epoll};

/// A connected pair of TCP sockets; what fibers do with them is the test.
struct TcpPair {
    TcpPair() {
        const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0);
        REQUIRE(::listen(listener, 8) == 0);
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
        one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(::connect(one, reinterpret_cast<sockaddr*>(&address), length) == 0);
        other = ::accept(listener, nullptr, nullptr);
        ::close(listener);
    }
    int one = -1;
    int other = -1;
};

void on_every_back_end(const std::function<void()>& body) {
    for (const IoKind io : kBackEnds) {
        CAPTURE(static_cast<int>(io));
        Scheduler scheduler({.io = io});
        scheduler.run(body);
        CHECK(scheduler.options().io == io);
    }
}

std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 31 % 26);
    return text;
}

std::string receive_all(Stream& stream) {
    std::string all;
    while (true) {
        const Chunk chunk = stream.receive(now() + 10s);
        REQUIRE(chunk.error == 0);
        if (chunk.bytes.empty()) return all;
        all += chunk.bytes;
    }
}

}  // namespace

TEST_CASE("bytes arrive whole and in order, small and large, and then the end") {
    on_every_back_end([] {
        for (const std::size_t size :
             {std::size_t{1}, std::size_t{4096}, std::size_t{4097}, std::size_t{3'000'000}}) {
            const TcpPair pair;
            Stream sender(pair.one);
            Stream receiver(pair.other);
            const std::string sent = pattern(size);
            Handle sending = start([&] {
                CHECK(sender.send(sent, now() + 10s) == 0);
                sender.shutdown_send();
            });
            CHECK(receive_all(receiver) == sent);
            sending.join();
        }
    });
}

TEST_CASE("a request and its answer go back and forth a thousand times on one connection") {
    on_every_back_end([] {
        const TcpPair pair;
        Stream client(pair.one);
        Stream server(pair.other);
        Handle serving = start([&] {
            while (true) {
                const Chunk chunk = server.receive(kNever);
                if (chunk.bytes.empty()) return;
                const std::string echo(chunk.bytes);
                CHECK(server.send(echo, kNever) == 0);
                CHECK(server.quiet());
            }
        });
        for (int i = 0; i < 1000; ++i) {
            const std::string request = "request " + std::to_string(i);
            REQUIRE(client.send(request, now() + 5s) == 0);
            const Chunk answer = client.receive(now() + 5s);
            REQUIRE(answer.bytes == request);
            REQUIRE(answer.completed >= client.submitted());
        }
        client.close();
        serving.join();
    });
}

// Goal: bytes may be rewritten as soon as the next send has returned. Method: one buffer for many
// small sends in a row, and again after an answer that was there already.
TEST_CASE("a buffer is free again when the next call of its stream returns") {
    on_every_back_end([] {
        const TcpPair pair;
        Stream sender(pair.one);
        Stream receiver(pair.other);
        std::string expected;
        std::array<std::string, 2> buffers;
        for (std::size_t i = 0; i < 50; ++i) {
            std::string& buffer = buffers.at(i % 2);
            buffer = "part " + std::to_string(i) + ";";
            expected += buffer;
            REQUIRE(sender.send(buffer, kNever) == 0);
        }
        const std::string answer = "x";
        REQUIRE(receiver.send(answer, kNever) == 0);
        sleep_for(5ms);
        std::string last = "last";
        REQUIRE(sender.send(last, kNever) == 0);
        REQUIRE(sender.receive(now() + 5s).bytes == "x");
        last = "LOST";
        sender.shutdown_send();
        CHECK(receive_all(receiver) == expected + "last");
    });
}

TEST_CASE("what a peer sends while nobody reads waits for the reader, to the last byte") {
    on_every_back_end([] {
        const TcpPair pair;
        Stream sender(pair.one);
        Stream receiver(pair.other);
        const std::string greeting = "hello";
        REQUIRE(sender.send(greeting, kNever) == 0);
        CHECK(receiver.receive(now() + 5s).bytes == "hello");
        const std::string sent = pattern(2'000'000);
        bool all_sent = false;
        Handle sending = start([&] {
            CHECK(sender.send(sent, now() + 10s) == 0);
            all_sent = true;
            sender.shutdown_send();
        });
        sleep_for(100ms);
        CHECK(!receiver.quiet());
        CHECK(receive_all(receiver) == sent);
        sending.join();
    });
}

// Goal: one idle reader starves nobody. Method: a peer floods a connection that is not read, the
// others go on; the flow control of TCP stops the flood.
TEST_CASE("a connection that is flooded and not read leaves the others alone") {
    on_every_back_end([] {
        const TcpPair flooded;
        const TcpPair quiet;
        Stream flooder(flooded.one);
        Stream idle(flooded.other);
        const std::string hello = "x";
        REQUIRE(flooder.send(hello, kNever) == 0);
        REQUIRE(idle.receive(kNever).bytes == "x");
        const std::string flood = pattern(64'000'000);
        int flood_error = 0;
        Handle flooding = start([&] { flood_error = flooder.send(flood, now() + 300ms); });
        Stream client(quiet.one);
        Stream server(quiet.other);
        for (int i = 0; i < 200; ++i) {
            REQUIRE(client.send(hello, now() + 1s) == 0);
            REQUIRE(server.receive(now() + 1s).bytes == "x");
            REQUIRE(server.send(hello, now() + 1s) == 0);
            REQUIRE(client.receive(now() + 1s).bytes == "x");
            if (i % 10 == 0) sleep_for(1ms);
        }
        flooding.join();
        CHECK(flood_error == ETIMEDOUT);
    });
}

// Goal: a server that is faster than its reader does not keep the loop. Method: the bytes are all
// there before they are read; another fiber counts its turns meanwhile.
TEST_CASE("a long download lets the others run") {
    on_every_back_end([] {
        const TcpPair pair;
        std::thread flooder([fd = pair.one] {
            const std::string flood = pattern(32'000'000);
            std::string_view left = flood;
            while (!left.empty()) {
                const ssize_t sent = ::send(fd, left.data(), left.size(), MSG_NOSIGNAL);
                if (sent <= 0) break;
                left.remove_prefix(static_cast<std::size_t>(sent));
            }
            ::close(fd);
        });
        Stream reader(pair.other);
        bool ended = false;
        int turns = 0;
        Handle other = start([&] {
            while (!ended) {
                ++turns;
                yield();
            }
        });
        std::size_t received = 0;
        while (true) {
            const Chunk chunk = reader.receive(now() + 10s);
            if (chunk.bytes.empty()) break;
            received += chunk.bytes.size();
        }
        ended = true;
        other.join();
        flooder.join();
        CHECK(received == 32'000'000);
        CHECK(turns >= 32'000'000 / static_cast<int>(kBytesPerTurn));
    });
}

TEST_CASE("deadlines and cancellation end a receive, and the stream goes on being usable") {
    on_every_back_end([] {
        const TcpPair pair;
        Stream client(pair.one);
        Stream server(pair.other);
        CHECK(client.receive(now() + 5ms).error == ETIMEDOUT);
        Handle reader = start([&] { (void)client.receive(kNever); });
        sleep_for(1ms);
        reader.cancel();
        reader.join();
        {
            Timeout limit(5ms);
            CHECK_THROWS_AS((void)client.receive(kNever), TimeoutExpired);
        }
        const std::string late = "late";
        REQUIRE(server.send(late, kNever) == 0);
        CHECK(client.receive(now() + 5s).bytes == "late");
    });
}

TEST_CASE("an end and a reset are told apart, and seen on an idle connection") {
    on_every_back_end([] {
        const TcpPair pair;
        Stream client(pair.one);
        const std::string hello = "x";
        {
            Stream server(pair.other);
            REQUIRE(client.send(hello, kNever) == 0);
            REQUIRE(server.receive(kNever).bytes == "x");
            REQUIRE(server.send(hello, kNever) == 0);
            REQUIRE(client.receive(kNever).bytes == "x");
            CHECK(client.quiet());
        }
        sleep_for(20ms);
        CHECK(!client.quiet());
        const Chunk end = client.receive(now() + 5s);
        CHECK(end.error == 0);
        CHECK(end.bytes.empty());

        const TcpPair broken;
        Stream victim(broken.one);
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(broken.other, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ::close(broken.other);
        CHECK(victim.receive(now() + 5s).error == ECONNRESET);
    });
}

TEST_CASE("connecting succeeds, is refused, or runs out of time") {
    on_every_back_end([] {
        const auto connect_to = [](const char* host, int port, nanoseconds limit) {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = htons(static_cast<std::uint16_t>(port));
            inet_pton(AF_INET, host, &address.sin_addr);
            Stream stream(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            return stream.connect(
                reinterpret_cast<sockaddr*>(&address), sizeof address, now() + limit);
        };
        const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0);
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
        CHECK(connect_to("127.0.0.1", ntohs(address.sin_port), 5s) == ECONNREFUSED);
        REQUIRE(::listen(listener, 1) == 0);
        CHECK(connect_to("127.0.0.1", ntohs(address.sin_port), 5s) == 0);
        // A full backlog answers no further connection.
        int last = 0;
        std::vector<Handle> crowd;
        for (int i = 0; i < 6; ++i) {
            crowd.push_back(
                start([&] { last = connect_to("127.0.0.1", ntohs(address.sin_port), 100ms); }));
        }
        for (Handle& one : crowd) one.join();
        CHECK(last == ETIMEDOUT);
        ::close(listener);
    });
}

TEST_CASE("wait_ready tells events, the deadline, and names nothing in virtual time") {
    on_every_back_end([] {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        CHECK(wait_ready(ends[0], POLLIN, now() + 2ms, "read") == 0);
        CHECK(wait_ready(ends[1], POLLOUT, now() + 2s, "write") == POLLOUT);
        Handle writer = start([&] {
            sleep_for(1ms);
            CHECK(::write(ends[1], "x", 1) == 1);
        });
        CHECK(wait_ready(ends[0], POLLIN, kNever, "read") == POLLIN);
        writer.join();
        ::close(ends[0]);
        ::close(ends[1]);
    });
    Scheduler scheduler({.clock = ClockKind::Virtual});
    CHECK_THROWS_WITH(scheduler.run([] { (void)wait_ready(5, POLLIN, kNever, "recv"); }),
                      "recv waits for descriptor 5, which cannot be done in virtual time");
}

TEST_CASE("timers are within 100 us of their time, on both back ends") {
    on_every_back_end([] {
        std::vector<nanoseconds> late;
        for (int i = 0; i < 50; ++i) {
            const TimePoint due = now() + 700us;
            sleep_until(due);
            late.push_back(now() - due);
        }
        std::sort(late.begin(), late.end());
        CHECK(late.front() >= 0ns);
        CHECK(late[late.size() / 4] <
              1ms);  // a busy machine may be late; a millisecond clock is always
    });
}

TEST_CASE("work on a helper thread suspends only its fiber, and its exception comes back") {
    on_every_back_end([] {
        bool others_ran = false;
        Handle other = start([&] { others_ran = true; });
        int result = 0;
        run_on_helper_thread([&] {
            while (!others_ran) std::this_thread::yield();
            result = 42;
        });
        CHECK(result == 42);
        CHECK_THROWS_WITH(run_on_helper_thread([] { throw std::runtime_error("no name"); }),
                          "no name");
        other.join();
    });
}

}  // namespace cicada::fiber
