// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <system_error>
#include <vector>

#include "fiber/io.hpp"
#include "fiber/scheduler_impl.hpp"
#include "fiber/socket_calls.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {
namespace {

constexpr int kEventsPerPoll = 256;
constexpr std::size_t kReceiveBuffer = std::size_t{64} * 1024;

/// Who is to be told of a descriptor's events.
class Watcher {
public:
    Watcher() = default;
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    virtual ~Watcher() = default;
    virtual void on_events(std::uint32_t events, TimePoint now) = 0;
};

class EpollIo;

/// Registered once, edge-triggered; remembers what it was told, so that no call is made that would
/// only return EAGAIN.
class EpollStream final : public Stream::Impl, private Watcher {
public:
    EpollStream(EpollIo& io, int fd);
    ~EpollStream() override { close(); }

    [[nodiscard]] int connect(const sockaddr* address, socklen_t length, TimePoint until) override;
    [[nodiscard]] Chunk receive(TimePoint until) override;
    [[nodiscard]] int send(std::string_view bytes, TimePoint until) override;
    [[nodiscard]] TimePoint submitted() const override { return submitted_; }
    [[nodiscard]] bool quiet() const override { return !readable_ && !hung_up_; }
    void shutdown_send() override { ::shutdown(fd_, SHUT_WR); }
    void close() override;
    [[nodiscard]] int descriptor() const override { return fd_; }

private:
    void on_events(std::uint32_t events, TimePoint now) override;
    bool await(const bool& flag, FiberState*& waiter, TimePoint until);

    EpollIo& io_;
    int fd_;
    bool readable_ = false;
    bool writable_ = true;
    bool hung_up_ = false;  ///< reading on will tell an end or an error
    std::size_t bytes_this_turn_ = 0;
    FiberState* reader_ = nullptr;
    FiberState* writer_ = nullptr;
    TimePoint submitted_{};
    TimePoint completed_{};
};

class EpollIo final : public Io {
public:
    explicit EpollIo(Scheduler::Impl& scheduler)
        : scheduler_(scheduler), epoll_fd_(epoll_create1(EPOLL_CLOEXEC)), buffer_(kReceiveBuffer) {
        if (epoll_fd_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
        watch(scheduler.mailbox().wake_descriptor(), EPOLLIN | EPOLLET, nullptr);
    }
    ~EpollIo() override { ::close(epoll_fd_); }

    void poll(TimePoint until) override;
    [[nodiscard]] std::unique_ptr<Stream::Impl> stream(int fd) override {
        return std::make_unique<EpollStream>(*this, fd);
    }
    [[nodiscard]] int wait_ready(int fd, short events, TimePoint until, const char* call) override;

    bool watch(int fd, std::uint32_t events, Watcher* watcher) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = watcher;
        return epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0;
    }
    void forget(int fd, const Watcher* watcher) {
        epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
        for (int i = 0; i < arrived_; ++i) {
            epoll_event& event = events_.at(static_cast<std::size_t>(i));
            if (event.data.ptr == watcher) event.data.ptr = nullptr;
        }
    }

    [[nodiscard]] Scheduler::Impl& scheduler() { return scheduler_; }
    [[nodiscard]] std::vector<char>& buffer() { return buffer_; }

private:
    Scheduler::Impl& scheduler_;
    int epoll_fd_;
    std::vector<char> buffer_;  ///< received into by whichever fiber runs; empty when it suspends
    std::array<epoll_event, kEventsPerPoll> events_{};
    int arrived_ = 0;
};

int wait_for(int epoll_fd, epoll_event* events, TimePoint until) {
    if (until == kNever) return epoll_wait(epoll_fd, events, kEventsPerPoll, -1);
    const nanoseconds left = until == TimePoint::min()
                                 ? nanoseconds{}
                                 : std::max(until - base::steady_now(), nanoseconds{});
    const timespec timeout = timespec_of(left);
    const int count = epoll_pwait2(epoll_fd, events, kEventsPerPoll, &timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    const auto ms =
        std::chrono::ceil<std::chrono::milliseconds>(left).count();  // before Linux 5.11
    return epoll_wait(
        epoll_fd, events, kEventsPerPoll, static_cast<int>(std::min<std::int64_t>(ms, 60'000)));
}

void EpollIo::poll(TimePoint until) {
    arrived_ = std::max(wait_for(epoll_fd_, events_.data(), until), 0);
    if (arrived_ == 0) return;
    const TimePoint now = base::steady_now();
    for (int i = 0; i < arrived_; ++i) {
        const epoll_event& event = events_.at(static_cast<std::size_t>(i));
        if (event.data.ptr != nullptr) {
            static_cast<Watcher*>(event.data.ptr)->on_events(event.events, now);
        }
    }
    arrived_ = 0;
}

/// One wait of a fiber for a descriptor that is not a Stream.
class ReadyWatcher final : public Watcher {
public:
    explicit ReadyWatcher(FiberState& fiber) : fiber_(fiber) {}
    void on_events(std::uint32_t events, TimePoint /*now*/) override {
        events_ |= events;
        this_scheduler()->make_runnable(fiber_);
    }
    [[nodiscard]] std::uint32_t events() const { return events_; }

private:
    FiberState& fiber_;
    std::uint32_t events_ = 0;
};

int EpollIo::wait_ready(int fd, short events, TimePoint until, const char* /*call*/) {
    FiberState& fiber = *scheduler_.current();
    ReadyWatcher watcher(fiber);
    // The same descriptor may be waited for by two fibers, so each wait watches a copy of its own.
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return -errno;
    const auto mask = static_cast<std::uint32_t>(events) | static_cast<std::uint32_t>(EPOLLONESHOT);
    if (!watch(copy, mask, &watcher)) {
        const int error = errno;
        ::close(copy);
        if (error == EPERM) return events;  // a file: always ready
        return -error;
    }
    const auto stop_watching = [&] {
        forget(copy, &watcher);
        ::close(copy);
    };
    WakeTimer wake(fiber);
    wake.set(until);
    park_until(
        scheduler_, [&] { return watcher.events() != 0 || wake.timer.rang; }, stop_watching);
    stop_watching();
    return static_cast<int>(watcher.events());
}

EpollStream::EpollStream(EpollIo& io, int fd) : io_(io), fd_(fd) {
    make_non_blocking(fd);
    io_.watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, this);
}

void EpollStream::close() {
    if (fd_ < 0) return;
    io_.forget(fd_, this);
    ::close(fd_);
    fd_ = -1;
}

void EpollStream::on_events(std::uint32_t events, TimePoint now) {
    completed_ = now;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        readable_ = true;
        if (reader_ != nullptr) io_.scheduler().make_runnable(*reader_);
    }
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        writable_ = true;
        if (writer_ != nullptr) io_.scheduler().make_runnable(*writer_);
    }
}

/// Parks the calling fiber until `flag`; false at the deadline.
bool EpollStream::await(const bool& flag, FiberState*& waiter, TimePoint until) {
    if (flag) return true;
    FiberState& fiber = *io_.scheduler().current();
    waiter = &fiber;
    WakeTimer wake(fiber);
    wake.set(until);
    park_until(
        io_.scheduler(), [&] { return flag || wake.timer.rang; }, [&] { waiter = nullptr; });
    waiter = nullptr;
    return flag;
}

int EpollStream::connect(const sockaddr* address, socklen_t length, TimePoint until) {
    throw_if_interrupted(*io_.scheduler().current());
    writable_ = false;
    if (::connect(fd_, address, length) == 0) {
        writable_ = true;
        hung_up_ = false;
        return 0;
    }
    if (errno != EINPROGRESS) return errno;
    if (!await(writable_, writer_, until)) return ETIMEDOUT;
    const int error = pending_error(fd_);
    if (error == 0) {
        hung_up_ = false;
        readable_ = false;
    }
    return error;
}

Chunk EpollStream::receive(TimePoint until) {
    throw_if_interrupted(*io_.scheduler().current());
    std::vector<char>& buffer = io_.buffer();
    if (!readable_ || bytes_this_turn_ >= kBytesPerTurn) {
        if (readable_) io_.scheduler().yield();
        bytes_this_turn_ = 0;
    }
    while (true) {
        if (!await(readable_, reader_, until)) return {.error = ETIMEDOUT, .completed = now()};
        const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) {
            readable_ = false;
            continue;
        }
        if (got < 0) return {.error = errno, .completed = completed_};
        const auto size = static_cast<std::size_t>(got);
        bytes_this_turn_ += size;
        if (size > 0 && size < buffer.size() && !hung_up_) readable_ = false;
        return {.bytes = {buffer.data(), size}, .completed = completed_};
    }
}

int EpollStream::send(std::string_view bytes, TimePoint until) {
    throw_if_interrupted(*io_.scheduler().current());
    while (true) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EAGAIN) return errno;
        bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
        if (bytes.empty()) break;
        writable_ = false;
        if (!await(writable_, writer_, until)) return ETIMEDOUT;
    }
    submitted_ = now();
    return 0;
}

}  // namespace

std::unique_ptr<Io> make_epoll_io(Scheduler::Impl& scheduler) {
    return std::make_unique<EpollIo>(scheduler);
}

}  // namespace cicada::fiber
