// SPDX-License-Identifier: Apache-2.0
#include "fiber/uring_io.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "base/expects.hpp"
#include "fiber/fetch.hpp"
#include "fiber/socket_calls.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {
namespace {

constexpr std::size_t kSendsPerBatch = 16;
constexpr nanoseconds kLongestBatch = std::chrono::microseconds(50);

// With so many answers awaited, a wake-up for each would cost more than it brings: the loop sleeps
// until a few have come, at most a moment longer than for one.
constexpr std::size_t kCrowd = 64;
constexpr unsigned kCompletionsPerBatch = 8;
constexpr nanoseconds kLongestBatchWait = std::chrono::microseconds(20);
constexpr unsigned kFeatureMinTimeout = 1U << 15;  // IORING_FEAT_MIN_TIMEOUT, Linux 6.12

// A request's name: its tag in 3 bits, then a slot and its generation, or an operation's address.
constexpr unsigned kTagBits = 3;
constexpr unsigned kSlotBits = 32;
constexpr std::uint64_t kTagMask = (1U << kTagBits) - 1;
constexpr std::uint32_t kGenerationMask = (1U << (64 - kTagBits - kSlotBits)) - 1;

std::uint64_t name_of_operation(UringOperation& operation) {
    return reinterpret_cast<std::uint64_t>(&operation) |
           static_cast<std::uint64_t>(UringIo::Tag::Operation);
}

}  // namespace

UringIo::Ring::Ring() {
    io_uring_params parameters{};
    parameters.flags =
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
    parameters.cq_entries = kCompletions;
    const int error = io_uring_queue_init_params(kSubmissions, &ring, &parameters);
    if (error != 0) throw std::system_error(-error, std::generic_category(), "io_uring_setup");
    registered = io_uring_register_ring_fd(&ring) == 1;  // spares a look-up per call
}

UringIo::Ring::~Ring() {
    io_uring_queue_exit(&ring);
}

UringIo::UringIo(Scheduler::Impl& scheduler) : scheduler_(scheduler), buffers_(ring_.ring) {
    watch_mailbox();
}

UringIo::~UringIo() {
    submit();
}

void UringIo::watch_mailbox() {
    io_uring_sqe* sqe = request();
    io_uring_prep_poll_multishot(sqe, scheduler_.mailbox().wake_descriptor(), POLLIN);
    io_uring_sqe_set_data64(sqe, static_cast<std::uint64_t>(Tag::Wake));
}

std::uint32_t UringIo::enroll(UringStream& stream) {
    if (free_slots_.empty()) {
        free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    slots_[slot].stream = &stream;
    return slot;
}

void UringIo::leave(std::uint32_t slot) {
    slots_[slot].stream = nullptr;
    slots_[slot].generation = (slots_[slot].generation + 1) & kGenerationMask;
    free_slots_.push_back(slot);
}

std::uint64_t UringIo::name_of(Tag tag, std::uint32_t slot) const {
    const std::uint64_t generation = slots_[slot].generation;
    return generation << (kSlotBits + kTagBits) | std::uint64_t{slot} << kTagBits |
           static_cast<std::uint64_t>(tag);
}

UringStream* UringIo::stream_of(std::uint64_t name) const {
    const auto slot = static_cast<std::uint32_t>(name >> kTagBits);
    const auto generation = static_cast<std::uint32_t>(name >> (kSlotBits + kTagBits));
    return slots_[slot].generation == generation ? slots_[slot].stream : nullptr;
}

io_uring_sqe* UringIo::request() {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_.ring);
    if (sqe == nullptr) {
        submit();
        sqe = io_uring_get_sqe(&ring_.ring);
        base::expects(sqe != nullptr, "a submission makes room in the queue");
    }
    return sqe;
}

void UringIo::ignore_success(io_uring_sqe* sqe) {
    io_uring_sqe_set_flags(sqe, IOSQE_CQE_SKIP_SUCCESS);
    io_uring_sqe_set_data64(sqe, static_cast<std::uint64_t>(Tag::Ignored));
}

void UringIo::cancel(std::uint64_t name) {
    io_uring_sqe* sqe = request();
    io_uring_prep_cancel64(sqe, name, 0);
    ignore_success(sqe);
}

int UringIo::complete(io_uring_sqe* prepared, TimePoint until) {
    FiberState& fiber = *scheduler_.current();
    UringOperation operation{.fiber = &fiber};
    io_uring_sqe_set_data64(prepared, name_of_operation(operation));
    WakeTimer wake(fiber);
    wake.set(until);
    bool cancelling = false;
    while (!operation.done) {
        // The operation refers to this frame: even a cancelled one has to come to its end.
        if (!cancelling && (wake.timer.rang || interrupted(fiber))) {
            cancelling = true;
            cancel(name_of_operation(operation));
        }
        scheduler_.park();
    }
    if (!cancelling || operation.result >= 0) return operation.result;
    if (wake.timer.rang) return -ETIMEDOUT;
    throw_if_interrupted(fiber);
    return operation.result;
}

void UringIo::send_queued(UringStream& stream) {
    if (unsent_.empty()) first_unsent_ = scheduler_.last_now();
    unsent_.push_back(&stream);
    has_unsent_ = true;
}

void UringIo::mark_submitted() {
    if (unsent_.empty()) return;
    const TimePoint now = base::steady_now();
    for (UringStream* stream : unsent_) stream->on_submitted(now);
    unsent_.clear();
    has_unsent_ = false;
}

void UringIo::submit() {
    mark_submitted();
    io_uring_submit(&ring_.ring);
}

void UringIo::flush_unsent_if_due() {
    const bool enough = unsent_.size() >= kSendsPerBatch;
    if (enough || scheduler_.last_now() - first_unsent_ >= kLongestBatch) submit();
}

/// Makes what is queued visible to the kernel; returns how many requests it has not taken yet.
/// Source: liburing, queue.c; it has no call that also sets a shortest wait.
unsigned UringIo::publish_requests() {
    io_uring_sq& queue = ring_.ring.sq;
    unsigned tail = *queue.ktail;
    for (; queue.sqe_head != queue.sqe_tail; ++queue.sqe_head, ++tail) {
        queue.array[tail & queue.ring_mask] = queue.sqe_head & queue.ring_mask;
    }
    io_uring_smp_store_release(queue.ktail, tail);
    return tail - io_uring_smp_load_acquire(queue.khead);
}

/// Submits, and waits until kCompletionsPerBatch have come, or after kLongestBatchWait one has.
void UringIo::wait_for_batch(nanoseconds most) {
    struct {
        std::uint64_t signal_mask = 0;
        std::uint32_t signal_mask_size = 0;
        std::uint32_t min_wait_us = 0;
        std::uint64_t timeout = 0;
    } limits;
    const timespec time = timespec_of(most);
    const __kernel_timespec timeout{.tv_sec = time.tv_sec, .tv_nsec = time.tv_nsec};
    limits.min_wait_us = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(kLongestBatchWait).count());
    limits.timeout = reinterpret_cast<std::uint64_t>(&timeout);
    unsigned flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
    if (ring_.registered) flags |= IORING_ENTER_REGISTERED_RING;
    io_uring_enter2(static_cast<unsigned>(ring_.ring.enter_ring_fd),
                    publish_requests(),
                    kCompletionsPerBatch,
                    flags,
                    reinterpret_cast<sigset_t*>(&limits),
                    sizeof limits);
}

void UringIo::wait(TimePoint until) {
    io_uring_cqe* first = nullptr;
    if (until == kNever) {
        io_uring_submit_and_wait(&ring_.ring, 1);
        return;
    }
    const nanoseconds left = until - base::steady_now();
    const bool may_batch = (ring_.ring.features & kFeatureMinTimeout) != 0;
    if (waiting_readers_ >= kCrowd && may_batch && left > 2 * kLongestBatchWait) {
        return wait_for_batch(left);
    }
    if (left <= nanoseconds::zero()) {
        io_uring_submit_and_get_events(&ring_.ring);
        return;
    }
    const timespec time = timespec_of(left);
    __kernel_timespec timeout{.tv_sec = time.tv_sec, .tv_nsec = time.tv_nsec};
    io_uring_submit_and_wait_timeout(&ring_.ring, &first, 1, &timeout, nullptr);
}

void UringIo::poll(TimePoint until) {
    mark_submitted();
    if (until == TimePoint::min()) {
        io_uring_submit_and_get_events(&ring_.ring);
    } else {
        wait(until);
    }
    reap();
    if (!starved_.empty()) feed_starved();
}

void UringIo::reap() {
    if (io_uring_cq_ready(&ring_.ring) == 0) return;
    const TimePoint now = base::steady_now();
    io_uring_cqe* cqe = nullptr;
    unsigned head = 0;
    unsigned count = 0;
    fetch_ahead();
    io_uring_for_each_cqe(&ring_.ring, head, cqe) {
        on_completion(cqe->user_data, cqe->res, cqe->flags, now);
        ++count;
    }
    io_uring_cq_advance(&ring_.ring, count);
}

/// Starts to load what the completions are about: with many users none of it is in a cache.
void UringIo::fetch_ahead() {
    const io_uring_cqe* cqe = nullptr;
    unsigned head = 0;
    std::array<const UringStream*, kFetchedAhead> streams{};
    std::size_t count = 0;
    io_uring_for_each_cqe(&ring_.ring, head, cqe) {
        if (static_cast<Tag>(cqe->user_data & kTagMask) != Tag::Receive) continue;
        const UringStream* stream = stream_of(cqe->user_data);
        if (stream == nullptr) continue;
        fetch<3>(stream);
        if ((cqe->flags & IORING_CQE_F_BUFFER) != 0) {
            fetch<2>(buffers_.memory_of(
                static_cast<std::uint16_t>(cqe->flags >> IORING_CQE_BUFFER_SHIFT)));
        }
        streams.at(count) = stream;
        if (++count == streams.size()) break;
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (const FiberState* reader = streams.at(i)->reader()) fetch<2>(reader);
    }
}

void UringIo::on_completion(std::uint64_t name, int result, unsigned flags, TimePoint now) {
    switch (static_cast<Tag>(name & kTagMask)) {
        case Tag::Operation: {
            // NOLINTNEXTLINE(performance-no-int-to-ptr): what name_of_operation() made of it
            auto* operation = reinterpret_cast<UringOperation*>(name & ~kTagMask);
            operation->result = result;
            operation->done = true;
            scheduler_.make_runnable(*operation->fiber);
            return;
        }
        case Tag::Receive: {
            if ((flags & IORING_CQE_F_BUFFER) != 0) buffers_.taken();
            if (UringStream* stream = stream_of(name)) {
                return stream->on_receive(result, flags, now);
            }
            if ((flags & IORING_CQE_F_BUFFER) != 0) {
                buffers_.give_back(static_cast<std::uint16_t>(flags >> IORING_CQE_BUFFER_SHIFT));
            }
            return;
        }
        case Tag::Send:
            if (UringStream* stream = stream_of(name)) stream->on_send_failed(-result);
            return;
        case Tag::Wake:
            if ((flags & IORING_CQE_F_MORE) == 0) watch_mailbox();
            return;
        case Tag::Ignored:
            return;
    }
}

void UringIo::feed_starved() {
    // A buffer for each, or those that never starve would take every free one first.
    while (buffers_.free_count() < starved_.size() && buffers_.grow()) {
    }
    if (buffers_.free_count() == 0) return;
    for (const std::uint64_t name : std::exchange(starved_, {})) {
        UringStream* stream = stream_of(name);
        if (stream != nullptr && stream->wants_more()) stream->arm();
    }
}

std::unique_ptr<Stream::Impl> UringIo::stream(int fd) {
    return std::make_unique<UringStream>(*this, fd);
}

int UringIo::wait_ready(int fd, short events, TimePoint until, const char* /*call*/) {
    throw_if_interrupted(*scheduler_.current());
    io_uring_sqe* sqe = request();
    io_uring_prep_poll_add(sqe, fd, static_cast<unsigned>(events));
    const int result = complete(sqe, until);
    return result == -ETIMEDOUT ? 0 : result;
}

std::unique_ptr<Io> make_uring_io(Scheduler::Impl& scheduler) {
    return std::make_unique<UringIo>(scheduler);
}

std::unique_ptr<Io> make_io(IoKind& kind, Scheduler::Impl& scheduler) {
    if (kind != IoKind::Epoll) {
        try {
            std::unique_ptr<Io> io = make_uring_io(scheduler);
            kind = IoKind::Uring;
            return io;
        } catch (const std::system_error&) {
            if (kind == IoKind::Uring) throw;  // Auto: container sandboxes often forbid it
        }
    }
    kind = IoKind::Epoll;
    return make_epoll_io(scheduler);
}

}  // namespace cicada::fiber
