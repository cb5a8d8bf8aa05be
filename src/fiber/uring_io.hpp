// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <liburing.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fiber/io.hpp"
#include "fiber/scheduler_impl.hpp"
#include "fiber/uring_buffers.hpp"

namespace cicada::fiber {

class UringStream;

/// One operation that a fiber waits for. Stands on that fiber's stack until its completion came.
struct UringOperation {
    FiberState* fiber = nullptr;
    int result = 0;
    bool done = false;
};

/// io_uring: one ring per scheduler, used by its thread alone.
///
/// Requests are queued while fibers run and handed over together, by the call that also waits for
/// completions. Source: io_uring(7); Axboe, "Efficient IO with io_uring".
class UringIo final : public Io {
public:
    static constexpr unsigned kSubmissions = 4096;
    static constexpr unsigned kCompletions = 32'768;
    static constexpr std::size_t kFetchedAhead = 64;  ///< completions of one go

    explicit UringIo(Scheduler::Impl& scheduler);
    ~UringIo() override;

    void poll(TimePoint until) override;
    [[nodiscard]] std::unique_ptr<Stream::Impl> stream(int fd) override;
    [[nodiscard]] int wait_ready(int fd, short events, TimePoint until, const char* call) override;

    /// What a completion is about; stands in the low bits of a request's name.
    enum class Tag : std::uint8_t { Operation, Receive, Send, Wake, Ignored };

    [[nodiscard]] std::uint32_t enroll(UringStream& stream);
    void leave(std::uint32_t slot);
    [[nodiscard]] std::uint64_t name_of(Tag tag, std::uint32_t slot) const;

    /// A free request, after a submission if the queue is full.
    [[nodiscard]] io_uring_sqe* request();

    /// Of a request that nobody waits for.
    static void ignore_success(io_uring_sqe* sqe);

    /// Cancels the request of that name. By name, since the kernel has a hash of names: by
    /// descriptor it looks through every request of the ring.
    void cancel(std::uint64_t name);

    /// Waits for `prepared`, cancels it at `until` or when interrupted. Returns its result, a
    /// negative errno; -ETIMEDOUT at the deadline.
    int complete(io_uring_sqe* prepared, TimePoint until);

    void send_queued(UringStream& stream);
    void reader_waits() { ++waiting_readers_; }
    void reader_goes_on() { --waiting_readers_; }
    void starved(std::uint32_t slot) { starved_.push_back(name_of(Tag::Receive, slot)); }
    [[nodiscard]] UringBuffers& buffers() { return buffers_; }
    [[nodiscard]] Scheduler::Impl& scheduler() { return scheduler_; }
    void submit();

private:
    struct Ring {
        Ring();
        Ring(const Ring&) = delete;
        Ring& operator=(const Ring&) = delete;
        ~Ring();
        io_uring ring{};
        bool registered = false;
    };
    struct Slot {
        UringStream* stream = nullptr;
        std::uint32_t generation = 0;
    };

    [[nodiscard]] UringStream* stream_of(std::uint64_t name) const;
    void watch_mailbox();
    void mark_submitted();
    void wait(TimePoint until);
    void wait_for_batch(nanoseconds most);
    [[nodiscard]] unsigned publish_requests();
    void reap();
    void fetch_ahead();
    void on_completion(std::uint64_t name, int result, unsigned flags, TimePoint now);
    void feed_starved();
    void flush_unsent_if_due() override;

    Scheduler::Impl& scheduler_;
    Ring ring_;
    UringBuffers buffers_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_slots_;
    std::vector<UringStream*> unsent_;
    std::size_t waiting_readers_ = 0;
    std::vector<std::uint64_t> starved_;
    TimePoint first_unsent_{};
};

/// A socket on a ring: one multishot receive for as long as it lives, sends without completions.
class UringStream final : public Stream::Impl {
public:
    /// Buffers of the ring that one connection may hold; at that its receive is cancelled, and
    /// armed again when the user reads, so that TCP's flow control works.
    static constexpr std::size_t kMostHeld = 4;

    /// A send below this is not waited for: it fits a socket whose send queue is empty.
    static constexpr std::size_t kEagerLimit = 4096;

    UringStream(UringIo& io, int fd);
    ~UringStream() override;

    [[nodiscard]] int connect(const sockaddr* address, socklen_t length, TimePoint until) override;
    [[nodiscard]] Chunk receive(TimePoint until) override;
    [[nodiscard]] int send(std::string_view bytes, TimePoint until) override;
    [[nodiscard]] TimePoint submitted() const override { return submitted_; }
    [[nodiscard]] bool quiet() const override {
        return held_count_ == 0 && backlog_.empty() && !ended_ && send_error_ == 0;
    }
    void shutdown_send() override;
    void close() override;
    [[nodiscard]] int descriptor() const override { return fd_; }

    void on_receive(int result, unsigned flags, TimePoint now);
    void on_send_failed(int error) { send_error_ = error; }
    void on_submitted(TimePoint now) {
        unsent_ = false;
        submitted_ = now;
    }
    void arm();
    [[nodiscard]] const FiberState* reader() const { return reader_; }
    [[nodiscard]] bool wants_more() const { return reader_ != nullptr && !armed_ && !has_news(); }

private:
    struct Held {
        std::uint16_t buffer;
        std::uint16_t size;
    };

    void give_back_current();
    void keep(std::uint16_t buffer, std::size_t size);
    void stop_receiving();
    [[nodiscard]] bool has_news() const { return held_count_ > 0 || !backlog_.empty() || ended_; }
    [[nodiscard]] Chunk next_chunk();
    [[nodiscard]] bool fits_an_empty_queue(std::size_t size);

    UringIo& io_;
    int fd_;
    std::uint32_t slot_;
    FiberState* reader_ = nullptr;
    bool unsent_ = false;  ///< stands in the ring's list of those
    bool armed_ = false;
    bool stopping_ = false;  ///< the receive is being cancelled, because kMostHeld are held
    bool ended_ = false;     ///< the end, or error_, follows what is held
    bool holds_current_ = false;
    std::uint16_t current_ = 0;  ///< the buffer behind the last chunk
    std::uint8_t held_first_ = 0;
    std::uint8_t held_count_ = 0;
    std::array<Held, kMostHeld> held_{};  ///< a ring; what comes beyond goes to the backlog
    int error_ = 0;
    int send_error_ = 0;
    std::size_t bytes_this_turn_ = 0;
    std::uint32_t eager_bytes_ = 0;  ///< sent since the send queue was last seen empty
    TimePoint submitted_{};
    TimePoint completed_{};
    std::string backlog_;  ///< what came while nobody read: the ring's buffers are not for storing
    std::string reading_;
};

}  // namespace cicada::fiber
