// SPDX-License-Identifier: Apache-2.0
#include "report/patient_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/clock.hpp"

namespace cicada::report {

// O_NONBLOCK belongs to the open file, which the shell and others share; so a terminal or pipe is
// opened a second time. A file never blocks for long, and opening it again would lose its position.
PatientWriter::PatientWriter(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return;
    if (S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode)) {
        const std::string path = fmt::format("/proc/self/fd/{}", fd);
        fd_ = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    if (fd_ < 0) fd_ = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

PatientWriter::~PatientWriter() {
    if (fd_ >= 0) ::close(fd_);
}

void PatientWriter::write(std::string_view bytes) {
    if (dead_) return;
    pump();
    if (waiting_.size() + bytes.size() > kMostWaiting) {
        dropped_lines_ += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
        return;
    }
    waiting_ += bytes;
    pump();
}

void PatientWriter::pump() {
    constexpr std::size_t kMostAtOnce = 4'096;  // so much poll() promises for a pipe that blocks
    while (!dead_ && !waiting_.empty()) {
        pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
        if (::poll(&ready, 1, 0) <= 0) return;
        const ssize_t written =
            ::write(fd_, waiting_.data(), std::min(waiting_.size(), kMostAtOnce));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) return;
        if (written < 0) return fail(errno);
        waiting_.erase(0, static_cast<std::size_t>(written));
        if (waiting_.empty() && dropped_lines_ > 0) {
            waiting_ = fmt::format("({} lines were not shown: the output was stuck)\n",
                                   std::exchange(dropped_lines_, 0));
        }
    }
}

// A full disk may have room again; a closed pipe or a terminal that hung up is gone for good.
void PatientWriter::fail(int error) {
    error_ = error;
    dead_ = error != ENOSPC;
    waiting_.clear();
}

void PatientWriter::drain(std::chrono::milliseconds limit) {
    const auto deadline = base::steady_now() + limit;
    pump();
    while (!dead_ && !waiting_.empty() && base::steady_now() < deadline) {
        pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
        (void)::poll(&ready, 1, 50);
        pump();
    }
}

int PatientWriter::take_error() {
    return std::exchange(error_, 0);
}

}  // namespace cicada::report
