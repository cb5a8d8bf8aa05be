// SPDX-License-Identifier: Apache-2.0
#include "report/keyboard.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "base/crash.hpp"

namespace cicada::report {
namespace {

// What a signal handler needs to give the terminal back.
termios as_it_was{};
std::atomic<bool> is_taken{false};

// tcsetattr() is one of the calls that a signal handler may make.
void give_back() {
    if (is_taken.exchange(false)) ::tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);
}

bool in_foreground() {
    return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

void take_over(termios mode) {
    mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    mode.c_cc[VMIN] = 0;
    mode.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

}  // namespace

Keyboard::Keyboard() {
    if (::isatty(STDIN_FILENO) == 0 || !in_foreground()) return;
    if (::tcgetattr(STDIN_FILENO, &as_it_was) != 0) return;
    is_taken = true;
    base::add_crash_hook(give_back);
    static const int at_exit = std::atexit(give_back);
    (void)at_exit;
    take_over(as_it_was);
    present_ = true;
}

Keyboard::~Keyboard() {
    if (!present_) return;
    base::remove_crash_hook(give_back);
    give_back();
}

int Keyboard::descriptor() const {
    return present_ ? STDIN_FILENO : -1;
}

std::string Keyboard::take() {
    if (!present_ || !in_foreground()) return {};
    termios mode{};
    if (::tcgetattr(STDIN_FILENO, &mode) == 0 && (mode.c_lflag & ICANON) != 0) take_over(mode);
    pollfd typed{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&typed, 1, 0) <= 0) return {};
    std::array<char, 64> keys{};
    const ssize_t length = ::read(STDIN_FILENO, keys.data(), keys.size());
    if (length <= 0) {
        present_ = length != 0 || (typed.revents & POLLHUP) == 0;  // the terminal has gone
        return {};
    }
    return {keys.data(), static_cast<std::size_t>(length)};
}

}  // namespace cicada::report
