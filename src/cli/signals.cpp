// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "base/crash.hpp"

namespace cicada::cli {
namespace {

// What the handler needs; it may run on any thread, and on a fiber's stack.
std::atomic<int> wake_fd{-1};
std::atomic<int> signals_left{0};  // until one ends the program at once
std::atomic<bool> signalled{false};

// By the system call itself: the program's own write() may suspend a fiber.
void raw_write(int fd, const void* bytes, std::size_t size) {
    [[maybe_unused]] const auto written = ::syscall(SYS_write, fd, bytes, size);
}

void ring() {
    const std::uint64_t one = 1;
    raw_write(wake_fd.load(), &one, sizeof one);
}

void on_signal(int number) {
    const int saved_errno = errno;
    signalled = true;
    if (signals_left.fetch_sub(1) <= 0) {
        base::run_crash_hook();
        static constexpr std::string_view kText = "cicada: ended at once by a signal\n";
        raw_write(STDERR_FILENO, kText.data(), kText.size());
        ::_exit(128 + number);
    }
    ring();
    errno = saved_errno;
}

void ignore(int) {}

void handle(int number, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
}

}  // namespace

Signals::Signals(Interrupts interrupts) {
    wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    signals_left = 0;
    signalled = false;
    handle(SIGINT, interrupts == Interrupts::Heard ? on_signal : ignore);
    handle(SIGTERM, on_signal);
    handle(SIGPIPE, ignore);
}

Signals::~Signals() {
    handle(SIGINT, SIG_DFL);
    handle(SIGTERM, SIG_DFL);
    ::close(wake_fd.exchange(-1));
}

void Signals::be_graceful() {
    signals_left = 1;
}

void Signals::wake() {
    ring();
}

void Signals::wait() {
    pollfd waited{.fd = wake_fd.load(), .events = POLLIN, .revents = 0};
    while (::poll(&waited, 1, -1) < 0 && errno == EINTR) {
    }
    eventfd_t rung = 0;
    [[maybe_unused]] const int read = ::eventfd_read(wake_fd.load(), &rung);
}

bool Signals::asked_to_end() const {
    return signalled;
}

}  // namespace cicada::cli
