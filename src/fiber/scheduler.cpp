// SPDX-License-Identifier: Apache-2.0
#include "fiber/scheduler.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/expects.hpp"
#include "base/log.hpp"
#include "cicada/fiber.hpp"
#include "fiber/crash_report.hpp"
#include "fiber/fetch.hpp"
#include "fiber/sanitizer.hpp"
#include "fiber/scheduler_impl.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {

using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

namespace {

constexpr std::size_t kSmallestStack = std::size_t{16} * 1024;
constexpr std::uint64_t kSwitchesPerRound = 512;  // who only yields keeps no event waiting

}  // namespace

constinit thread_local Scheduler::Impl* thread_scheduler = nullptr;

void throw_outside_fiber(const char* call) {
    throw std::logic_error(std::string(call) + " is used outside a user's fiber");
}

Scheduler::Impl::Impl(const SchedulerOptions& options)
    : options_(options),
      virtual_now_(std::chrono::hours(1)),  // not 0, so that a moment ago can be told
      timers_(options.clock == ClockKind::Virtual ? virtual_now_ : base::steady_now()) {
    base::expects(options_.stack_size >= kSmallestStack, "a stack of at least 16 KiB");
    if (options_.guards == GuardKind::Auto) options_.guards = best_guard();
    io_ = options_.clock == ClockKind::Virtual ? make_virtual_io() : make_io(options_.io, *this);
}

Scheduler::Impl::~Impl() {
    base::expects(fiber_count_ == 0 || stuck_, "a scheduler ends after its fibers");
}

TimePoint Scheduler::Impl::now() {
    last_now_ = options_.clock == ClockKind::Virtual ? virtual_now_ : base::steady_now();
    return last_now_;
}

StackPool& Scheduler::Impl::pool_of(std::size_t stack_size) {
    for (const auto& pool : pools_) {
        if (pool->stack_size() == stack_size) return *pool;
    }
    pools_.push_back(std::make_unique<StackPool>(stack_size, options_.guards));
    return *pools_.back();
}

FiberState& Scheduler::Impl::start(std::function<void()> body, const StartOptions& options) {
    const std::size_t wanted = options.stack_size == 0 ? options_.stack_size : options.stack_size;
    constexpr std::size_t kPage = 4096;
    StackPool& pool = pool_of((std::max(wanted, kSmallestStack) + kPage - 1) / kPage * kPage);
    const Stack stack = pool.take();
    sanitizer::forget_stack(stack.low, stack.size);

    constexpr std::size_t kStateSize = (sizeof(FiberState) + 63) / 64 * 64;
    char* base = stack.top() - kStateSize;
    auto* fiber = new (base) FiberState;
    fiber->stack = stack;
    fiber->pool = &pool;
    fiber->body = std::move(body);
    fiber->label = options.label;
    fiber->local = current_ != nullptr ? current_->local : nullptr;
    fiber->purpose = current_ != nullptr ? current_->purpose : nullptr;
    fiber->sanitizer_fiber = sanitizer::create_fiber();
    fiber->context =
        make_fcontext(base, static_cast<std::size_t>(base - stack.low), &Scheduler::Impl::enter);
    ++fiber_count_;
    ready_.push(*fiber);
    return *fiber;
}

[[gnu::always_inline]] inline Scheduler::Impl::Side Scheduler::Impl::side_of(FiberState& fiber) {
    return {&fiber.context,
            &fiber.exceptions,
            &fiber.saved_errno,
            &fiber.sanitizer_fake_stack,
            fiber.sanitizer_fiber,
            fiber.stack.low,
            fiber.stack.size};
}

[[gnu::always_inline]] inline Scheduler::Impl::Side Scheduler::Impl::loop_side() {
    return {&loop_,
            &loop_exceptions_,
            &loop_errno_,
            &loop_fake_stack_,
            loop_sanitizer_fiber_,
            loop_stack_low_,
            loop_stack_size_};
}

/// Leaves one side and returns when somebody jumps back to it. All that the thread keeps for who
/// runs on it goes along.
[[gnu::always_inline]] inline void Scheduler::Impl::jump(const Side& from,
                                                         const Side& to,
                                                         bool from_ends) {
    *from.exceptions = *thread_exceptions_;
    *from.saved_errno = *thread_errno_;
    *thread_exceptions_ = *to.exceptions;
    *thread_errno_ = *to.saved_errno;
    left_ = from.context;
    sanitizer::leave(from_ends ? nullptr : from.fake_stack, to.stack_low, to.stack_size);
    sanitizer::switch_fiber(to.sanitizer_fiber);
    const transfer_t back = jump_fcontext(*to.context, this);
    arrive(back.fctx, *from.fake_stack);
}

inline void Scheduler::Impl::arrive(boost::context::detail::fcontext_t from, void* fake_stack) {
    const bool from_loop = left_ == &loop_;
    sanitizer::arrive(fake_stack,
                      from_loop ? &loop_stack_low_ : nullptr,
                      from_loop ? &loop_stack_size_ : nullptr);
    *left_ = from;
}

/// The first frame of every fiber. It does not return: the loop frees the stack below its feet.
void Scheduler::Impl::enter(transfer_t from) {
    auto* self = static_cast<Impl*>(from.data);
    FiberState& fiber = *self->current_;
    self->arrive(from.fctx, nullptr);
    try {
        fiber.body();
    } catch (const FiberCancelled&) {
        // The end that was asked for.
    } catch (...) {
        fiber.error = std::current_exception();
    }
    fiber.body = nullptr;
    fiber.phase = FiberState::Phase::Done;
    self->jump(side_of(fiber), self->loop_side(), true);
    base::expects(false, "a fiber that has ended is not resumed");
}

inline void Scheduler::Impl::set_current(FiberState& fiber) {
    current_ = &fiber;
    fiber.phase = FiberState::Phase::Running;
    shown_label_.store(fiber.label, std::memory_order_relaxed);
    shown_switches_.store(++switches_, std::memory_order_relaxed);
}

/// From the loop into a fiber; returns when that one, or one it made way for, goes back.
void Scheduler::Impl::resume(FiberState& fiber) {
    set_current(fiber);
    jump(loop_side(), side_of(fiber), false);
    FiberState& came_from = *current_;
    current_ = nullptr;
    shown_label_.store(nullptr, std::memory_order_relaxed);
    if (came_from.phase == FiberState::Phase::Done) finish(came_from);
}

/// Out of a fiber that waits: straight into the next one, or back to the loop when its round ends.
[[gnu::always_inline]] inline void Scheduler::Impl::leave_fiber(FiberState& fiber) {
    if (fiber.stack.has_canary && !canary_is_intact(fiber.stack)) {
        report_overflow_and_abort(fiber.label, fiber.stack.size);
    }
    io_->flush_if_due();
    FiberState* next = switches_ < round_ends_ ? ready_.pop() : nullptr;
    if (next == &fiber) return set_current(fiber);
    if (next != nullptr && next->next_runnable != nullptr) {
        fetch<8>(next->next_runnable->context);  // the one after it
    }
    if (next == nullptr) return jump(side_of(fiber), loop_side(), false);
    set_current(*next);
    jump(side_of(fiber), side_of(*next), false);
}

void Scheduler::Impl::finish(FiberState& fiber) {
    timers_.remove(fiber.drain_timer);
    sanitizer::destroy_fiber(fiber.sanitizer_fiber);
    if (fiber.joiner != nullptr) make_runnable(*fiber.joiner);
    --fiber_count_;
    if (fiber.handle_released) release(fiber);
}

void Scheduler::Impl::release(FiberState& fiber) {
    fiber.handle_released = true;
    if (fiber.phase != FiberState::Phase::Done) return;
    if (fiber.error && fiber.joiner == nullptr) {
        try {
            std::rethrow_exception(fiber.error);
        } catch (const std::exception& error) {
            base::log(base::LogLevel::Error,
                      "a fiber nobody waits for ended by an exception: {}",
                      error.what());
        } catch (...) {
            base::log(base::LogLevel::Error, "a fiber nobody waits for ended by an exception");
        }
    }
    const Stack stack = fiber.stack;
    StackPool& pool = *fiber.pool;
    fiber.~FiberState();
    pool.give_back(stack);
}

void Scheduler::Impl::park() {
    FiberState& fiber = *current_;
    fiber.phase = FiberState::Phase::Parked;
    leave_fiber(fiber);
}

void Scheduler::Impl::make_runnable(FiberState& fiber) {
    if (fiber.phase != FiberState::Phase::Parked) return;
    fiber.phase = FiberState::Phase::Runnable;
    ready_.push(fiber);
}

void Scheduler::Impl::yield() {
    FiberState& fiber = *current_;
    fiber.phase = FiberState::Phase::Runnable;
    ready_.push(fiber);
    leave_fiber(fiber);
}

/// Runs fibers until none is runnable or the round is over.
void Scheduler::Impl::run_ready() {
    round_ends_ = switches_ + kSwitchesPerRound;
    while (switches_ < round_ends_) {
        FiberState* fiber = ready_.pop();
        if (fiber == nullptr) return;
        resume(*fiber);
        io_->flush_if_due();
    }
    io_->poll(TimePoint::min());
    expect_time_goes_by();
}

void Scheduler::Impl::jump_to_next_timer() {
    const std::optional<TimePoint> next = timers_.next_event();
    if (!next) {
        if (mailbox_.has_mail()) return;
        stuck_ = true;
        throw std::runtime_error("in virtual time, every fiber waits and no timer is left");
    }
    virtual_now_ = std::max(virtual_now_, *next);
    jumped_at_ = switches_;
}

// Fibers that only yield to each other would do so for ever.
void Scheduler::Impl::expect_time_goes_by() {
    if (options_.clock != ClockKind::Virtual || ready_.empty()) return;
    constexpr std::uint64_t kMoreForEachFiber = 1000;
    const std::uint64_t most = options_.most_switches_at_once + kMoreForEachFiber * fiber_count_;
    if (switches_ - jumped_at_ < most) return;
    stuck_ = true;
    throw std::runtime_error(std::string("in virtual time, ") + ready_.pop()->label +
                             " goes on for ever: neither it nor anybody else waits");
}

void Scheduler::Impl::wait_for_events() {
    if (options_.clock == ClockKind::Virtual) return jump_to_next_timer();
    const TimePoint until = timers_.next_event().value_or(kNever);
    if (mailbox_.start_waiting()) io_->poll(until);
    mailbox_.stop_waiting();
}

void Scheduler::Impl::run(std::function<void()> main) {
    base::expects(thread_scheduler == nullptr, "one scheduler per thread at a time");
    const SignalStack signal_stack;
    thread_scheduler = this;
    thread_exceptions_ = reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
    thread_errno_ = &errno;
    loop_sanitizer_fiber_ = sanitizer::current_fiber();

    FiberState& first = start(std::move(main), {.label = "main"});
    try {
        while (fiber_count_ > 0) {
            mailbox_.deliver();
            if (!timers_.empty()) timers_.expire(now());
            if (!ready_.empty()) {
                run_ready();
            } else if (!mailbox_.has_mail()) {
                wait_for_events();
            }
        }
    } catch (...) {
        thread_scheduler = nullptr;
        throw;
    }
    io_->poll(TimePoint::min());
    thread_scheduler = nullptr;
    const std::exception_ptr error = std::exchange(first.error, nullptr);
    release(first);
    if (error) std::rethrow_exception(error);
}

void Scheduler::Impl::set_label(const char* label) {
    current_->label = label;
    shown_label_.store(label, std::memory_order_relaxed);
}

void Scheduler::Impl::lock_wait_began(const char* what) {
    shown_lock_.store(what, std::memory_order_relaxed);
    shown_lock_waiter_.store(current_->label, std::memory_order_relaxed);
    shown_lock_waits_.store(++lock_waits_, std::memory_order_relaxed);
}

void Scheduler::Impl::lock_wait_ended() {
    shown_lock_waits_.store(--lock_waits_, std::memory_order_relaxed);
}

Pulse Scheduler::Impl::pulse() const {
    return {.switches = shown_switches_.load(std::memory_order_relaxed),
            .label = shown_label_.load(std::memory_order_relaxed),
            .lock_waits = shown_lock_waits_.load(std::memory_order_relaxed),
            .lock = shown_lock_.load(std::memory_order_relaxed),
            .lock_waiter = shown_lock_waiter_.load(std::memory_order_relaxed)};
}

Scheduler::Scheduler(const SchedulerOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Scheduler::~Scheduler() = default;

void Scheduler::run(std::function<void()> main) {
    impl_->run(std::move(main));
}
bool Scheduler::post(std::function<void()> message) {
    return impl_->mailbox().post(std::move(message));
}
Pulse Scheduler::pulse() const {
    return impl_->pulse();
}
const SchedulerOptions& Scheduler::options() const {
    return impl_->options();
}
std::size_t Scheduler::fiber_count() const {
    return impl_->fiber_count();
}
nanoseconds Scheduler::busy_time() const {
    if (options().clock == ClockKind::Virtual) return {};
    return base::thread_cpu_time();
}

}  // namespace cicada::fiber
