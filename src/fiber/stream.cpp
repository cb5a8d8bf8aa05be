// SPDX-License-Identifier: Apache-2.0
#include "fiber/stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "fiber/io.hpp"
#include "fiber/scheduler_impl.hpp"
#include "fiber/socket_calls.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {

Stream::Stream(int fd) : impl_(scheduler_of_fiber("a socket").io().stream(fd)) {}
Stream::Stream(Stream&& other) noexcept = default;
Stream& Stream::operator=(Stream&& other) noexcept = default;
Stream::~Stream() = default;

int Stream::connect(const sockaddr* address, socklen_t length, TimePoint deadline) {
    return impl_->connect(address, length, deadline);
}
Chunk Stream::receive(TimePoint deadline) {
    return impl_->receive(deadline);
}
int Stream::send(std::string_view bytes, TimePoint deadline) {
    return impl_->send(bytes, deadline);
}
TimePoint Stream::submitted() const {
    return impl_->submitted();
}
bool Stream::quiet() const {
    return impl_->quiet();
}
void Stream::shutdown_send() {
    impl_->shutdown_send();
}
void Stream::close() {
    impl_->close();
}
int Stream::descriptor() const {
    return impl_->descriptor();
}

Acceptor::Acceptor(int listening_fd) : fd_(listening_fd) {
    make_non_blocking(listening_fd);
}

Acceptor::~Acceptor() {
    ::close(fd_);
}

int Acceptor::accept() {
    while (true) {
        const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) return fd;
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno != EAGAIN) return -errno;
        const int events = wait_ready(fd_, POLLIN, kNever, "accept");
        if (events < 0) return events;
    }
}

int wait_ready(int fd, short events, TimePoint deadline, const char* call) {
    Scheduler::Impl& scheduler = scheduler_of_fiber(call);
    throw_if_interrupted(*scheduler.current());
    return scheduler.io().wait_ready(fd, events, deadline, call);
}

}  // namespace cicada::fiber
