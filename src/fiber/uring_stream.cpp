// SPDX-License-Identifier: Apache-2.0
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "fiber/socket_calls.hpp"
#include "fiber/uring_io.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {
namespace {

/// A fiber waits in receive() while this lives.
class Waiting {
public:
    Waiting(UringIo& io, FiberState*& reader, FiberState& fiber) : io_(io), reader_(reader) {
        reader_ = &fiber;
        io_.reader_waits();
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
        reader_ = nullptr;
        io_.reader_goes_on();
    }

private:
    UringIo& io_;
    FiberState*& reader_;
};

}  // namespace

UringStream::UringStream(UringIo& io, int fd) : io_(io), fd_(fd), slot_(io.enroll(*this)) {}

UringStream::~UringStream() {
    close();
    io_.leave(slot_);
}

void UringStream::close() {
    if (fd_ < 0) return;
    if (unsent_) io_.submit();  // the caller's bytes may go with the stream
    give_back_current();
    for (; held_count_ > 0; --held_count_) {
        io_.buffers().give_back(held_.at(held_first_).buffer);
        held_first_ = static_cast<std::uint8_t>((held_first_ + 1) % kMostHeld);
    }
    backlog_.clear();
    if (armed_) io_.cancel(io_.name_of(UringIo::Tag::Receive, slot_));
    io_uring_sqe* close = io_.request();
    io_uring_prep_close(close, fd_);
    UringIo::ignore_success(close);
    fd_ = -1;
    ended_ = true;
    error_ = EBADF;
}

void UringStream::shutdown_send() {
    if (unsent_) io_.submit();
    ::shutdown(fd_, SHUT_WR);
}

int UringStream::connect(const sockaddr* address, socklen_t length, TimePoint until) {
    throw_if_interrupted(*io_.scheduler().current());
    io_uring_sqe* sqe = io_.request();
    io_uring_prep_connect(sqe, fd_, address, length);
    return -io_.complete(sqe, until);
}

void UringStream::arm() {
    io_uring_sqe* sqe = io_.request();
    io_uring_prep_recv_multishot(sqe, fd_, nullptr, 0, 0);
    io_uring_sqe_set_flags(sqe, IOSQE_BUFFER_SELECT);
    sqe->buf_group = UringBuffers::kGroup;
    io_uring_sqe_set_data64(sqe, io_.name_of(UringIo::Tag::Receive, slot_));
    armed_ = true;
}

void UringStream::stop_receiving() {
    if (!armed_ || std::exchange(stopping_, true)) return;
    io_.cancel(io_.name_of(UringIo::Tag::Receive, slot_));
}

void UringStream::on_receive(int result, unsigned flags, TimePoint now) {
    completed_ = now;
    if ((flags & IORING_CQE_F_MORE) == 0) armed_ = stopping_ = false;
    if (result > 0) {
        keep(static_cast<std::uint16_t>(flags >> IORING_CQE_BUFFER_SHIFT),
             static_cast<std::size_t>(result));
    } else if (result == -ENOBUFS) {
        io_.starved(slot_);
    } else if (result == -ECANCELED) {
        if (wants_more()) arm();
    } else {
        ended_ = true;
        error_ = -result;
    }
    if (reader_ != nullptr && has_news()) io_.scheduler().make_runnable(*reader_);
}

/// Who waits for bytes gets the buffer itself; for who does not they are stored elsewhere, so that
/// idle readers never leave the others without buffers.
void UringStream::keep(std::uint16_t buffer, std::size_t size) {
    if (reader_ != nullptr && backlog_.empty() && held_count_ < kMostHeld) {
        held_.at((held_first_ + held_count_) % kMostHeld) = {buffer,
                                                             static_cast<std::uint16_t>(size)};
        ++held_count_;
    } else {
        backlog_.append(io_.buffers().memory_of(buffer), size);
        io_.buffers().give_back(buffer);
    }
    const bool enough =
        held_count_ >= kMostHeld || backlog_.size() >= kMostHeld * UringBuffers::kBufferSize;
    if (enough) stop_receiving();
}

void UringStream::give_back_current() {
    if (std::exchange(holds_current_, false)) io_.buffers().give_back(current_);
    if (!reading_.empty()) reading_ = std::string();
}

Chunk UringStream::next_chunk() {
    if (held_count_ > 0) {
        const Held held = held_.at(held_first_);
        held_first_ = static_cast<std::uint8_t>((held_first_ + 1) % kMostHeld);
        --held_count_;
        current_ = held.buffer;
        holds_current_ = true;
        return {.bytes = {io_.buffers().memory_of(held.buffer), held.size},
                .completed = completed_};
    }
    if (!backlog_.empty()) {
        reading_ = std::exchange(backlog_, std::string());
        return {.bytes = reading_, .completed = completed_};
    }
    return {.error = error_, .completed = completed_};
}

Chunk UringStream::receive(TimePoint until) {
    FiberState& fiber = *io_.scheduler().current();
    throw_if_interrupted(fiber);
    give_back_current();
    if (unsent_ && has_news()) io_.submit();
    if (bytes_this_turn_ >= kBytesPerTurn) {
        bytes_this_turn_ = 0;
        io_.scheduler().yield();
    }
    if (!has_news()) {
        bytes_this_turn_ = 0;
        if (!armed_) arm();
        const Waiting waiting(io_, reader_, fiber);
        WakeTimer wake(fiber);
        wake.set(until);
        park_until(
            io_.scheduler(), [&] { return has_news() || wake.timer.rang; }, [] {});
        if (!has_news()) return {.error = ETIMEDOUT, .completed = now()};
    }
    const Chunk chunk = next_chunk();
    bytes_this_turn_ += chunk.bytes.size();
    return chunk;
}

/// Whether a send of `size` bytes is sure to be taken whole, at once. The kernel takes at least
/// kEagerLimit bytes into an empty send queue, so it is looked at once in that many bytes.
bool UringStream::fits_an_empty_queue(std::size_t size) {
    if (size > kEagerLimit) return false;
    eager_bytes_ += static_cast<std::uint32_t>(size);
    if (eager_bytes_ <= kEagerLimit) return true;
    int queued = 0;
    if (unsent_ || ioctl(fd_, SIOCOUTQ, &queued) != 0 || queued != 0) {
        eager_bytes_ = kEagerLimit;
        return false;
    }
    eager_bytes_ = static_cast<std::uint32_t>(size);
    return true;
}

int UringStream::send(std::string_view bytes, TimePoint until) {
    throw_if_interrupted(*io_.scheduler().current());
    if (fd_ < 0) return EBADF;
    if (unsent_) io_.submit();  // so that the bytes of the last send are free again
    if (send_error_ != 0) return send_error_;
    const bool eager = fits_an_empty_queue(bytes.size());
    io_uring_sqe* sqe = io_.request();
    io_uring_prep_send(sqe, fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_WAITALL);
    if (!std::exchange(unsent_, true)) io_.send_queued(*this);
    if (eager) {
        io_uring_sqe_set_flags(sqe, IOSQE_CQE_SKIP_SUCCESS);
        io_uring_sqe_set_data64(sqe, io_.name_of(UringIo::Tag::Send, slot_));
        return 0;
    }
    const int sent = io_.complete(sqe, until);
    if (sent < 0) return -sent;
    if (static_cast<std::size_t>(sent) < bytes.size()) {
        return send(bytes.substr(static_cast<std::size_t>(sent)), until);
    }
    return 0;
}

}  // namespace cicada::fiber
