// SPDX-License-Identifier: Apache-2.0
#include "idle_reader.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "fiber/scheduler.hpp"
#include "fiber/stream.hpp"

using namespace cicada;
using namespace std::chrono_literals;
using fiber::kNever;

namespace {

constexpr int kUsers = 64;
constexpr auto kTime = 1500ms;

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int new_socket() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/// Echoes what comes; a connection that begins with '!' is flooded instead. Ends with its clients.
void serve(int listener, std::atomic<bool>& stop) {
    fiber::Scheduler scheduler;
    scheduler.run([&] {
        fiber::Acceptor acceptor(listener);
        std::vector<fiber::Handle> connections;
        fiber::Handle accepting = fiber::start([&] {
            while (true) {
                const int fd = acceptor.accept();
                connections.push_back(fiber::start([fd] {
                    fiber::Stream stream(fd);
                    const std::string flood(1'000'000, 'x');
                    while (true) {
                        const fiber::Chunk chunk = stream.receive(kNever);
                        if (chunk.bytes.empty()) return;
                        if (chunk.bytes.front() == '!') {
                            while (stream.send(flood, kNever) == 0) {
                            }
                            return;
                        }
                        const std::string echo(chunk.bytes);
                        if (stream.send(echo, kNever) != 0) return;
                    }
                }));
            }
        });
        while (!stop) fiber::sleep_for(10ms);
    });
}

double p99_of_users(int port, bool with_idle_reader) {
    std::vector<std::int64_t> latencies;
    fiber::Scheduler scheduler;
    scheduler.run([&] {
        const auto connect = [port](fiber::Stream& stream) {
            const sockaddr_in address = loopback(port);
            return stream.connect(
                reinterpret_cast<const sockaddr*>(&address), sizeof address, kNever);
        };
        fiber::Handle idle;
        if (with_idle_reader) {
            idle = fiber::start([&] {
                fiber::Stream stream(new_socket());
                if (connect(stream) != 0) return;
                const std::string ask = "!";
                if (stream.send(ask, kNever) != 0) return;
                (void)stream.receive(kNever);
                fiber::sleep_for(1h);
            });
            fiber::sleep_for(100ms);
        }
        const base::TimePoint end = fiber::now() + kTime;
        std::vector<fiber::Handle> users;
        for (int i = 0; i < kUsers; ++i) {
            users.push_back(fiber::start([&] {
                fiber::Stream stream(new_socket());
                if (connect(stream) != 0) return;
                const std::string request(100, 'r');
                while (fiber::now() < end) {
                    const base::TimePoint start = fiber::now();
                    if (stream.send(request, kNever) != 0) return;
                    if (stream.receive(kNever).bytes.empty()) return;
                    latencies.push_back((fiber::now() - start).count());
                    fiber::sleep_for(1ms);
                }
            }));
        }
        for (fiber::Handle& user : users) user.join();
    });
    const auto p99 = latencies.begin() + static_cast<std::ptrdiff_t>(latencies.size() * 99 / 100);
    std::nth_element(latencies.begin(), p99, latencies.end());
    return static_cast<double>(*p99);
}

}  // namespace

double idle_reader_p99_ratio() {
    const int listener = new_socket();
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0) return -1;
    if (::listen(listener, 256) != 0) return -1;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
    std::atomic<bool> stop = false;
    std::thread server([&] { serve(listener, stop); });
    std::vector<double> ratios;
    for (int i = 0; i < 5; ++i) {
        const double without = p99_of_users(ntohs(address.sin_port), false);
        ratios.push_back(p99_of_users(ntohs(address.sin_port), true) / without);
    }
    stop = true;
    server.join();
    std::nth_element(ratios.begin(), ratios.begin() + 2, ratios.end());
    return ratios[2];
}
