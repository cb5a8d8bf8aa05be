// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "fiber/scheduler.hpp"

namespace cicada::fiber {

inline constexpr TimePoint kNever = TimePoint::max();

/// What receive() brought.
struct Chunk {
    std::string_view bytes{};  ///< empty without an error: the peer has closed
    int error = 0;             ///< an errno; ETIMEDOUT: the deadline passed
    TimePoint completed{};     ///< when the loop learnt of it
};

/// A connected, or connecting, stream socket of the calling thread's scheduler.
///
/// One fiber receives and one sends at a time (they may be two). Every call that waits is a
/// cancellation point: it throws FiberCancelled, or TimeoutExpired by a Timeout around it.
/// Errors are errno values, 0 for none.
class Stream {
public:
    /// Takes ownership of `fd` (any mode; it becomes non-blocking).
    explicit Stream(int fd);
    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&& other) noexcept;
    ~Stream();  ///< closes at once; never suspends

    [[nodiscard]] int connect(const sockaddr* address, socklen_t length, TimePoint deadline);

    /// The next bytes. They stay valid until the calling fiber next suspends or calls this stream.
    [[nodiscard]] Chunk receive(TimePoint deadline);

    /// Sends all of `bytes`.
    ///
    /// May return before the kernel has read them: they have to stay unchanged until the next
    /// receive() or send() of this stream returns, or it is closed.
    [[nodiscard]] int send(std::string_view bytes, TimePoint deadline);

    /// When the last send() was handed to the kernel.
    [[nodiscard]] TimePoint submitted() const;

    /// Nothing has arrived since the last receive(): no byte, no end, no error. For a connection
    /// that is about to be used again. Makes no system call with io_uring.
    [[nodiscard]] bool quiet() const;

    void shutdown_send();
    void close();
    [[nodiscard]] int descriptor() const;

    class Impl;

private:
    std::unique_ptr<Impl> impl_;
};

/// A listening socket.
class Acceptor {
public:
    explicit Acceptor(int listening_fd);
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;
    ~Acceptor();

    /// The next connection's descriptor, or a negative errno. Suspends.
    [[nodiscard]] int accept();

private:
    int fd_;
};

/// Waits until `fd` is readable or writable (poll(2) events); returns the events, 0 at the
/// deadline, or a negative errno. Suspends; a cancellation point.
[[nodiscard]] int wait_ready(int fd, short events, TimePoint deadline, const char* call);

/// Runs `work` on a helper thread (at most 8 per process) and waits for it; for name resolution and
/// files. Suspends, shielded: `work` refers to the caller's frame.
void run_on_helper_thread(const std::function<void()>& work);

}  // namespace cicada::fiber
