// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <utility>

#include "base/expects.hpp"
#include "cicada/fiber.hpp"
#include "fiber/scheduler.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {
namespace {

FiberState& calling_fiber(const char* call) {
    return *scheduler_of_fiber(call).current();
}

void on_drain_over(Timer& timer) {
    FiberState& fiber = *static_cast<DrainTimer&>(timer).owner;
    fiber.drain_over = true;
    interrupt(fiber);
}

void on_wake(Timer& timer) {
    auto& waking = static_cast<WakeTimer::Waking&>(timer);
    waking.rang = true;
    this_scheduler()->make_runnable(*waking.fiber);
}

/// Waits for the end of `fiber` whatever happens to the caller.
void wait_for_end(FiberState& fiber) {
    Scheduler::Impl& scheduler = scheduler_of_fiber("join");
    const Shield shield;
    fiber.joiner = scheduler.current();
    while (fiber.phase != FiberState::Phase::Done) scheduler.park();
}

}  // namespace

DrainTimer::DrainTimer(FiberState& fiber) : Timer(on_drain_over), owner(&fiber) {}

WakeTimer::WakeTimer(FiberState& fiber) : timer(on_wake) {
    timer.fiber = &fiber;
}

WakeTimer::~WakeTimer() {
    this_scheduler()->timers().remove(timer);
}

void WakeTimer::set(TimePoint deadline) {
    if (deadline != kNever) this_scheduler()->timers().add(timer, deadline);
}

Handle::Handle(Handle&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Handle& Handle::operator=(Handle&& other) noexcept {
    if (this != &other) {
        const Handle old(std::move(*this));
        state_ = std::exchange(other.state_, nullptr);
    }
    return *this;
}

Handle::~Handle() {
    end();
}

void Handle::join() {
    base::expects(state_ != nullptr, "a handle that is joined owns a fiber");
    Scheduler::Impl& scheduler = scheduler_of_fiber("join");
    throw_if_interrupted(*scheduler.current());
    FiberState& fiber = *state_;
    fiber.joiner = scheduler.current();
    park_until(
        scheduler,
        [&] { return fiber.phase == FiberState::Phase::Done; },
        [&] {
            cancel();
            wait_for_end(fiber);
        });
    const std::exception_ptr error = std::exchange(fiber.error, nullptr);
    scheduler.release(*std::exchange(state_, nullptr));
    if (error) std::rethrow_exception(error);
}

void Handle::cancel(nanoseconds drain) {
    if (state_ == nullptr || state_->phase == FiberState::Phase::Done) return;
    FiberState& fiber = *state_;
    TimerWheel& timers = this_scheduler()->timers();
    fiber.cancel_requested = true;
    timers.remove(fiber.drain_timer);
    if (drain <= nanoseconds::zero()) {
        fiber.drain_over = true;
    } else if (!fiber.drain_over) {
        timers.add(fiber.drain_timer, now() + drain);
    }
    interrupt(fiber);
}

void Handle::end() {
    if (state_ == nullptr) return;
    if (state_->phase != FiberState::Phase::Done) {
        cancel();
        wait_for_end(*state_);
    }
    state_->error = nullptr;  // who did not join does not want to know
    this_scheduler()->release(*std::exchange(state_, nullptr));
}

void Handle::detach() {
    if (state_ != nullptr) this_scheduler()->release(*std::exchange(state_, nullptr));
}

bool Handle::done() const {
    return state_ == nullptr || state_->phase == FiberState::Phase::Done;
}

Handle start(std::function<void()> body, const StartOptions& options) {
    Scheduler::Impl* scheduler = this_scheduler();
    base::expects(scheduler != nullptr, "fibers are started on a scheduler's thread");
    return Handle(&scheduler->start(std::move(body), options));
}

bool in_fiber() {
    const Scheduler::Impl* scheduler = this_scheduler();
    return scheduler != nullptr && scheduler->current() != nullptr;
}

TimePoint now() {
    Scheduler::Impl* scheduler = this_scheduler();
    return scheduler != nullptr ? scheduler->now() : base::steady_now();
}

void sleep_until(TimePoint deadline) {
    constexpr nanoseconds kLongWait = std::chrono::seconds(1);
    Scheduler::Impl& scheduler = scheduler_of_fiber("sleep");
    FiberState& fiber = *scheduler.current();
    throw_if_interrupted(fiber);
    const TimePoint start = scheduler.now();
    if (deadline <= start) {
        scheduler.yield();
        return throw_if_interrupted(fiber);
    }
    WakeTimer wake(fiber);
    wake.set(deadline);
    if (deadline - start >= kLongWait) trim(fiber.stack);
    park_until(
        scheduler, [&] { return wake.timer.rang; }, [] {});
}

void sleep_for(nanoseconds time) {
    const TimePoint start = now();
    sleep_until(time < kNever - start ? start + time : kNever);
}

void yield() {
    Scheduler::Impl& scheduler = scheduler_of_fiber("yield");
    throw_if_interrupted(*scheduler.current());
    scheduler.yield();
    throw_if_interrupted(*scheduler.current());
}

void*& local() {
    return calling_fiber("local").local;
}

const void*& purpose() {
    return calling_fiber("purpose").purpose;
}

std::uint64_t switch_count() {
    return scheduler_of_fiber("switch_count").switch_count();
}

void set_label(const char* label) {
    scheduler_of_fiber("set_label").set_label(label);
}

const char* label() {
    return calling_fiber("label").label;
}

bool cancelled() {
    return calling_fiber("cancelled").cancel_requested;
}

Shield::Shield() {
    ++calling_fiber("Shield").shields;
}
Shield::~Shield() {
    --calling_fiber("Shield").shields;
}

DrainScope::DrainScope() {
    ++calling_fiber("DrainScope").drain_scopes;
}
DrainScope::~DrainScope() {
    --calling_fiber("DrainScope").drain_scopes;
}

}  // namespace cicada::fiber
