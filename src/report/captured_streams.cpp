// SPDX-License-Identifier: Apache-2.0
#include "report/captured_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/crash.hpp"

namespace cicada::report {
namespace {

constexpr std::array<int, 2> kStreams{STDOUT_FILENO, STDERR_FILENO};
constexpr int kPipeBytes = 1024 * 1024;  // so much may be printed while this thread does other work

// What a signal handler needs to give the terminal back; -1: nothing is captured.
std::array<std::atomic<int>, 2> saved_for_crash{-1, -1};
std::atomic<int> read_end_for_crash{-1};

// Called by a signal handler or at exit: only system calls.
void give_back() {
    const int read_end = read_end_for_crash.exchange(-1);
    int terminal = -1;
    for (std::size_t i = 0; i < kStreams.size(); ++i) {
        const int saved = saved_for_crash[i].exchange(-1);
        if (saved < 0) continue;
        ::dup2(saved, kStreams[i]);
        terminal = kStreams[i];
    }
    if (terminal < 0 || read_end < 0) return;
    static constexpr std::string_view kBelowTheTable = "\r\n";
    ssize_t ignored = ::write(terminal, kBelowTheTable.data(), kBelowTheTable.size());
    char bytes[512];
    for (ssize_t length = 0; (length = ::read(read_end, bytes, sizeof bytes)) > 0;) {
        ignored = ::write(terminal, bytes, static_cast<std::size_t>(length));
    }
    (void)ignored;
}

}  // namespace

CapturedStreams::CapturedStreams() {
    std::array<int, 2> ends{-1, -1};
    if (::isatty(STDOUT_FILENO) == 0 && ::isatty(STDERR_FILENO) == 0) return;
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    (void)::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    (void)::fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
    std::fflush(stdout);
    for (std::size_t i = 0; i < kStreams.size(); ++i) {
        if (::isatty(kStreams[i]) == 0) continue;
        saved_[i] = ::fcntl(kStreams[i], F_DUPFD_CLOEXEC, 3);
        ::dup2(ends[1], kStreams[i]);
        saved_for_crash[i] = saved_[i];
    }
    ::close(ends[1]);
    read_end_ = ends[0];
    read_end_for_crash = read_end_;
    // The C library buffers a pipe by the page; a test's output is expected line by line.
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    base::add_crash_hook(give_back);
    static const int at_exit = std::atexit(give_back);
    (void)at_exit;
}

CapturedStreams::~CapturedStreams() {
    (void)restore();
}

int CapturedStreams::terminal() const {
    return saved_[1] >= 0 ? saved_[1] : saved_[0];
}

void CapturedStreams::read_all() {
    std::array<char, 4096> bytes{};
    while (read_end_ >= 0) {
        const ssize_t length = ::read(read_end_, bytes.data(), bytes.size());
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) return;
        pending_.append(bytes.data(), static_cast<std::size_t>(length));
    }
}

std::string CapturedStreams::take_lines() {
    constexpr std::size_t kLongestLine = 64 * 1024;
    read_all();
    std::size_t end = pending_.rfind('\n');
    end = end == std::string::npos ? 0 : end + 1;
    if (end == 0 && pending_.size() > kLongestLine) end = pending_.size();
    std::string lines = pending_.substr(0, end);
    pending_.erase(0, end);
    return lines;
}

std::string CapturedStreams::restore() {
    if (read_end_ < 0) return {};
    std::fflush(stdout);
    read_end_for_crash = -1;
    for (std::size_t i = 0; i < kStreams.size(); ++i) {
        saved_for_crash[i] = -1;
        if (saved_[i] < 0) continue;
        ::dup2(saved_[i], kStreams[i]);
        ::close(saved_[i]);
        saved_[i] = -1;
    }
    base::remove_crash_hook(give_back);
    read_all();
    ::close(read_end_);
    read_end_ = -1;
    return std::exchange(pending_, {});
}

}  // namespace cicada::report
