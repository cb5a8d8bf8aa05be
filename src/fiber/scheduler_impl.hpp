// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "fiber/fiber_state.hpp"
#include "fiber/io.hpp"
#include "fiber/scheduler.hpp"
#include "fiber/stack_pool.hpp"
#include "fiber/timer_wheel.hpp"

namespace cicada::fiber {

/// Runnable fibers, first in, first out.
class RunQueue {
public:
    void push(FiberState& fiber) {
        fiber.next_runnable = nullptr;
        if (last_ != nullptr) {
            last_->next_runnable = &fiber;
        } else {
            first_ = &fiber;
        }
        last_ = &fiber;
    }
    FiberState* pop() {
        FiberState* fiber = first_;
        if (fiber == nullptr) return nullptr;
        first_ = fiber->next_runnable;
        if (first_ == nullptr) last_ = nullptr;
        return fiber;
    }
    [[nodiscard]] bool empty() const { return first_ == nullptr; }

private:
    FiberState* first_ = nullptr;
    FiberState* last_ = nullptr;
};

/// Messages from other threads.
class Mailbox {
public:
    static constexpr std::size_t kCapacity = 65'536;

    Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    ~Mailbox();

    bool post(std::function<void()> message);
    void deliver();  ///< calls each message that has come

    [[nodiscard]] bool has_mail() const { return has_mail_.load(std::memory_order_acquire); }

    /// The loop is about to wait: a post() has to wake it. False: mail has come, do not wait.
    [[nodiscard]] bool start_waiting();
    void stop_waiting();

    [[nodiscard]] int wake_descriptor() const { return wake_fd_; }

private:
    std::mutex mutex_;
    std::vector<std::function<void()>> messages_;  // guarded by mutex_
    std::atomic<bool> has_mail_ = false;
    std::atomic<bool> loop_waits_ = false;
    int wake_fd_ = -1;
};

class Scheduler::Impl {
public:
    explicit Impl(const SchedulerOptions& options);
    ~Impl();

    void run(std::function<void()> main);

    FiberState& start(std::function<void()> body, const StartOptions& options);
    void release(FiberState& fiber);  ///< nobody will join it

    /// Suspends the running fiber until make_runnable().
    void park();
    void make_runnable(FiberState& fiber);  ///< one that is not parked: nothing
    void yield();

    [[nodiscard]] FiberState* current() const { return current_; }
    [[nodiscard]] TimePoint now();

    /// What now() last returned: near enough where a clock would cost more than it tells.
    [[nodiscard]] TimePoint last_now() const { return last_now_; }
    [[nodiscard]] TimerWheel& timers() { return timers_; }
    [[nodiscard]] Io& io() { return *io_; }
    [[nodiscard]] Mailbox& mailbox() { return mailbox_; }
    [[nodiscard]] const SchedulerOptions& options() const { return options_; }
    [[nodiscard]] std::size_t fiber_count() const { return fiber_count_; }

    void set_label(const char* label);

    /// A fiber found a lock taken that another fiber may hold. See Pulse::lock_waits.
    void lock_wait_began(const char* what);
    void lock_wait_ended();
    [[nodiscard]] std::uint64_t switch_count() const { return switches_; }
    [[nodiscard]] Pulse pulse() const;

private:
    /// One side of a switch: a fiber, or the loop.
    struct Side {
        boost::context::detail::fcontext_t* context;
        ExceptionGlobals* exceptions;
        int* saved_errno;
        void** fake_stack;
        void* sanitizer_fiber;
        const void* stack_low;
        std::size_t stack_size;
    };

    static void enter(boost::context::detail::transfer_t from);
    [[nodiscard]] static Side side_of(FiberState& fiber);
    [[nodiscard]] Side loop_side();
    void jump(const Side& from, const Side& to, bool from_ends);
    void arrive(boost::context::detail::fcontext_t from, void* fake_stack);
    void set_current(FiberState& fiber);
    void resume(FiberState& fiber);
    void leave_fiber(FiberState& fiber);
    void finish(FiberState& fiber);
    void run_ready();
    void wait_for_events();
    void jump_to_next_timer();
    void expect_time_goes_by();
    StackPool& pool_of(std::size_t stack_size);

    SchedulerOptions options_;
    std::vector<std::unique_ptr<StackPool>> pools_;
    Mailbox mailbox_;
    TimePoint virtual_now_{};
    TimePoint last_now_{};
    TimerWheel timers_;
    std::unique_ptr<Io> io_;

    RunQueue ready_;
    FiberState* current_ = nullptr;
    boost::context::detail::fcontext_t loop_ = nullptr;
    boost::context::detail::fcontext_t* left_ =
        nullptr;  ///< where the side just left is to be kept
    ExceptionGlobals loop_exceptions_{};
    int loop_errno_ = 0;
    ExceptionGlobals* thread_exceptions_ = nullptr;
    int* thread_errno_ = nullptr;
    std::size_t fiber_count_ = 0;
    bool stuck_ = false;  ///< virtual time found nothing to run: fibers were given up

    std::uint64_t switches_ = 0;
    std::uint64_t jumped_at_ = 0;   ///< the switch after which virtual time went on last
    std::uint64_t round_ends_ = 0;  ///< the switch at which the loop looks at events again
    std::atomic<std::uint64_t> shown_switches_ = 0;
    std::atomic<const char*> shown_label_ = nullptr;
    std::atomic<const char*> shown_lock_ = nullptr;
    std::atomic<const char*> shown_lock_waiter_ = nullptr;
    std::atomic<std::uint64_t> shown_lock_waits_ = 0;
    std::uint64_t lock_waits_ = 0;

    void* loop_fake_stack_ = nullptr;
    const void* loop_stack_low_ = nullptr;
    std::size_t loop_stack_size_ = 0;
    void* loop_sanitizer_fiber_ = nullptr;
};

extern constinit thread_local Scheduler::Impl* thread_scheduler;

/// The calling thread's; null where there is none.
[[nodiscard]] inline Scheduler::Impl* this_scheduler() {
    return thread_scheduler;
}

[[noreturn]] void throw_outside_fiber(const char* call);

/// The calling fiber's; an error of the program (named `call`) outside a fiber.
[[nodiscard]] inline Scheduler::Impl& scheduler_of_fiber(const char* call) {
    if (thread_scheduler == nullptr || thread_scheduler->current() == nullptr) [[unlikely]] {
        throw_outside_fiber(call);
    }
    return *thread_scheduler;
}

}  // namespace cicada::fiber
