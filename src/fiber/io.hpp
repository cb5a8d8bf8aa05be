// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "fiber/scheduler.hpp"
#include "fiber/stream.hpp"

namespace cicada::fiber {

class Mailbox;

/// Bytes that a fiber may receive without waiting before it has to let the others run: a server
/// that is faster than we are must not keep the loop to itself.
inline constexpr std::size_t kBytesPerTurn = std::size_t{256} * 1024;

/// What a back end does for a Stream. See Stream for the meaning of each.
class Stream::Impl {
public:
    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    virtual ~Impl() = default;

    [[nodiscard]] virtual int connect(const sockaddr* address,
                                      socklen_t length,
                                      TimePoint until) = 0;
    [[nodiscard]] virtual Chunk receive(TimePoint until) = 0;
    [[nodiscard]] virtual int send(std::string_view bytes, TimePoint until) = 0;
    [[nodiscard]] virtual TimePoint submitted() const = 0;
    [[nodiscard]] virtual bool quiet() const = 0;
    virtual void shutdown_send() = 0;
    virtual void close() = 0;
    [[nodiscard]] virtual int descriptor() const = 0;
};

/// How a scheduler waits for descriptors: io_uring, epoll, or (virtual time) not at all.
class Io {
public:
    Io() = default;
    Io(const Io&) = delete;
    Io& operator=(const Io&) = delete;
    virtual ~Io() = default;

    /// Hands over what is queued and makes the fibers runnable whose events have come. Waits for
    /// events until `until` (kNever: without end); a time that has passed: does not wait.
    virtual void poll(TimePoint until) = 0;

    /// A fiber has run: hands over what is queued if enough is, or it has waited long enough.
    void flush_if_due() {
        if (has_unsent_) flush_unsent_if_due();
    }

    [[nodiscard]] virtual std::unique_ptr<Stream::Impl> stream(int fd) = 0;

    /// See fiber::wait_ready.
    [[nodiscard]] virtual int wait_ready(int fd,
                                         short events,
                                         TimePoint until,
                                         const char* call) = 0;

protected:
    bool has_unsent_ = false;

private:
    virtual void flush_unsent_if_due() {}
};

/// Error: std::system_error when the kernel refuses; Auto falls back to epoll.
std::unique_ptr<Io> make_io(IoKind& kind, Scheduler::Impl& scheduler);
std::unique_ptr<Io> make_uring_io(Scheduler::Impl& scheduler);
std::unique_ptr<Io> make_epoll_io(Scheduler::Impl& scheduler);
std::unique_ptr<Io> make_virtual_io();

}  // namespace cicada::fiber
