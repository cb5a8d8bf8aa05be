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
#include "fiber/sanitizer.hpp"
#include "fiber/scheduler_impl.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {

using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

namespace {

constexpr std::size_t kSmallestStack = std::size_t{16} * 1024;
constexpr int kRoundsBetweenPolls = 64;  // fibers that only yield do not keep events waiting

thread_local Scheduler::Impl* thread_scheduler = nullptr;

}  // namespace

Scheduler::Impl* this_scheduler() {
    return thread_scheduler;
}

Scheduler::Impl& scheduler_of_fiber(const char* call) {
    if (thread_scheduler == nullptr || thread_scheduler->current() == nullptr) {
        throw std::logic_error(std::string(call) + " is used outside a user's fiber");
    }
    return *thread_scheduler;
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

TimePoint Scheduler::Impl::now() const {
    return options_.clock == ClockKind::Virtual ? virtual_now_ : base::steady_now();
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
    fiber->sanitizer_fiber = sanitizer::create_fiber();
    fiber->context =
        make_fcontext(base, static_cast<std::size_t>(base - stack.low), &Scheduler::Impl::enter);
    ++fiber_count_;
    ready_.push(*fiber);
    return *fiber;
}

/// The first frame of every fiber. It does not return: the loop frees the stack below its feet.
void Scheduler::Impl::enter(transfer_t from) {
    auto* self = static_cast<Impl*>(from.data);
    FiberState& fiber = *self->current_;
    sanitizer::arrive(nullptr, &self->loop_stack_low_, &self->loop_stack_size_);
    self->loop_ = from.fctx;
    try {
        fiber.body();
    } catch (const FiberCancelled&) {
        // The end that was asked for.
    } catch (...) {
        fiber.error = std::current_exception();
    }
    fiber.body = nullptr;
    fiber.phase = FiberState::Phase::Done;
    sanitizer::leave(nullptr, self->loop_stack_low_, self->loop_stack_size_);
    sanitizer::switch_fiber(self->loop_sanitizer_fiber_);
    jump_fcontext(self->loop_, nullptr);
    base::expects(false, "a fiber that has ended is not resumed");
}

void Scheduler::Impl::resume(FiberState& fiber) {
    const ExceptionGlobals loop_exceptions = *thread_exceptions_;
    *thread_exceptions_ = fiber.exceptions;
    *thread_errno_ = fiber.saved_errno;
    current_ = &fiber;
    fiber.phase = FiberState::Phase::Running;
    shown_label_.store(fiber.label, std::memory_order_relaxed);
    shown_switches_.store(++switches_, std::memory_order_relaxed);

    sanitizer::leave(&loop_fake_stack_, fiber.stack.low, fiber.stack.size);
    sanitizer::switch_fiber(fiber.sanitizer_fiber);
    fiber.context = jump_fcontext(fiber.context, this).fctx;
    sanitizer::arrive(loop_fake_stack_, nullptr, nullptr);

    shown_label_.store(nullptr, std::memory_order_relaxed);
    current_ = nullptr;
    fiber.exceptions = *thread_exceptions_;
    fiber.saved_errno = *thread_errno_;
    *thread_exceptions_ = loop_exceptions;
    if (fiber.stack.has_canary && !canary_is_intact(fiber.stack)) {
        report_overflow_and_abort(fiber.label, fiber.stack.size);
    }
    if (fiber.phase == FiberState::Phase::Done) finish(fiber);
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
    sanitizer::leave(&fiber.sanitizer_fake_stack, loop_stack_low_, loop_stack_size_);
    sanitizer::switch_fiber(loop_sanitizer_fiber_);
    loop_ = jump_fcontext(loop_, nullptr).fctx;
    sanitizer::arrive(fiber.sanitizer_fake_stack, &loop_stack_low_, &loop_stack_size_);
}

void Scheduler::Impl::make_runnable(FiberState& fiber) {
    if (fiber.phase != FiberState::Phase::Parked) return;
    fiber.phase = FiberState::Phase::Runnable;
    ready_.push(fiber);
}

void Scheduler::Impl::yield() {
    FiberState& fiber = *current_;
    ready_.push(fiber);
    fiber.phase = FiberState::Phase::Runnable;
    sanitizer::leave(&fiber.sanitizer_fake_stack, loop_stack_low_, loop_stack_size_);
    sanitizer::switch_fiber(loop_sanitizer_fiber_);
    loop_ = jump_fcontext(loop_, nullptr).fctx;
    sanitizer::arrive(fiber.sanitizer_fake_stack, &loop_stack_low_, &loop_stack_size_);
}

/// Runs what is runnable now; what becomes runnable meanwhile waits for the next round.
void Scheduler::Impl::run_ready() {
    FiberState* last = ready_.last();
    while (FiberState* fiber = ready_.pop()) {
        const bool round_ends = fiber == last;
        resume(*fiber);
        io_->flush_if_due();
        if (round_ends) return;
    }
}

void Scheduler::Impl::jump_to_next_timer() {
    const std::optional<TimePoint> next = timers_.next_event();
    if (!next) {
        if (mailbox_.has_mail()) return;
        stuck_ = true;
        throw std::runtime_error("in virtual time, every fiber waits and no timer is left");
    }
    virtual_now_ = std::max(virtual_now_, *next);
}

void Scheduler::Impl::wait_for_events() {
    if (options_.clock == ClockKind::Virtual) return jump_to_next_timer();
    const TimePoint until = timers_.next_event().value_or(kNever);
    if (mailbox_.start_waiting()) {
        const TimePoint before = base::steady_now();
        io_->poll(until);
        idle_ += base::steady_now() - before;
    }
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
        int rounds = 0;
        while (fiber_count_ > 0) {
            mailbox_.deliver();
            if (!timers_.empty()) timers_.expire(now());
            if (ready_.empty()) {
                if (fiber_count_ > 0 && !mailbox_.has_mail()) wait_for_events();
                rounds = 0;
                continue;
            }
            run_ready();
            if (++rounds % kRoundsBetweenPolls == 0) io_->poll(TimePoint::min());
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
nanoseconds Scheduler::idle_time() const {
    return impl_->idle_time();
}

}  // namespace cicada::fiber
