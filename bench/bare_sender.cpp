// SPDX-License-Identifier: Apache-2.0
// What bench/arrivals is compared with: a program that does nothing but wait for the next planned
// moment, spinning, and send a prepared request then. What it is late by, the machine is.
// Usage: cicada_bare_sender PORT RATE COUNT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kConnections = 64;
constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        std::perror("connect");
        std::exit(1);
    }
    return fd;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    const double rate = std::atof(argv[2]);
    const std::int64_t count = std::atoll(argv[3]);
    std::array<int, kConnections> connections{};
    for (int& fd : connections) fd = connect_to(port);

    std::array<char, 65536> answer{};
    const auto start = Clock::now();
    for (std::int64_t number = 0; number < count; ++number) {
        const std::chrono::duration<double> planned(static_cast<double>(number) / rate);
        while (Clock::now() - start < planned) {
        }
        const int fd = connections[static_cast<std::size_t>(number) % kConnections];
        while (::recv(fd, answer.data(), answer.size(), MSG_DONTWAIT) > 0) {
        }
        if (::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return 1;
    }
    ::usleep(200'000);
    return 0;
}
