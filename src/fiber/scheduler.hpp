// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string_view>
#include <typeinfo>

#include "base/clock.hpp"

namespace cicada::fiber {

using base::TimePoint;
using std::chrono::nanoseconds;

class FiberState;
class Io;

/// Real: the machine's steady clock. Virtual: jumps to the next timer whenever nothing is runnable;
/// waiting for a descriptor is then an error that names the call.
enum class ClockKind : std::uint8_t { Real, Virtual };

/// Auto: io_uring where the kernel lets us, else epoll.
enum class IoKind : std::uint8_t { Auto, Uring, Epoll };

/// What lies below each stack. Auto: the first of the others that works, in this order.
enum class GuardKind : std::uint8_t { Auto, Madvise, Mprotect, Canary };

struct SchedulerOptions {
    ClockKind clock = ClockKind::Real;
    IoKind io = IoKind::Auto;
    GuardKind guards = GuardKind::Auto;
    std::size_t stack_size = std::size_t{256} * 1024;  ///< bytes, of each fiber; at least 16 KiB

    /// Virtual time: so many switches, and a thousand more for each fiber, without any time going
    /// by are taken for a loop that will never end.
    std::uint64_t most_switches_at_once = 10'000'000;
};

/// What a watchdog on another thread may read of a scheduler: which fiber runs, and since when.
struct Pulse {
    std::uint64_t switches = 0;         ///< grows by one with each switch to a fiber
    const char* label = nullptr;        ///< of the fiber that runs; null: none does
    std::uint64_t lock_waits = 0;       ///< fibers that now retry a std::mutex or the like
    const char* lock = nullptr;         ///< what the last of them waits for, e.g. "a mutex"
    const char* lock_waiter = nullptr;  ///< its label
};

/// One event loop and its fibers; at most one per thread, made and run by that thread.
///
/// A fiber never changes threads. All functions belong to the loop's own thread but for post() and
/// pulse().
class Scheduler {
public:
    explicit Scheduler(const SchedulerOptions& options = {});
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;
    ~Scheduler();

    /// Runs `main` in a fiber and returns when it and every other fiber has ended; throws what
    /// `main` threw.
    ///
    /// Error: std::runtime_error when nothing can ever run again, or time stands still (virtual
    /// time only).
    void run(std::function<void()> main);

    /// Has `message` called on the loop, outside any fiber: it must not suspend.
    ///
    /// Threads: any. Shape: at most 65,536 wait; Returns: false, and `message` is dropped, when
    /// full.
    bool post(std::function<void()> message);

    /// Threads: any.
    [[nodiscard]] Pulse pulse() const;

    [[nodiscard]] const SchedulerOptions& options() const;  ///< with Auto resolved
    [[nodiscard]] std::size_t fiber_count() const;

    /// CPU time that the calling thread, the loop's own, has used so far; the kernel's work for it
    /// counts too. Zero in virtual time.
    [[nodiscard]] nanoseconds busy_time() const;

    class Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

/// The calling thread has a scheduler and one of its fibers runs.
[[nodiscard]] bool in_fiber();

/// The scheduler's time; the machine's on a thread without one.
[[nodiscard]] TimePoint now();

/// Shape: any time; one that has passed still lets the others run first.
/// Suspends.  Cancelled: throws FiberCancelled.
void sleep_until(TimePoint deadline);
void sleep_for(nanoseconds time);

/// Lets every other runnable fiber run first. Suspends; a cancellation point.
void yield();

/// What start() may be told.
struct StartOptions {
    const char* label = "";      ///< shown by the watchdog and on a crash; must outlive the fiber
    std::size_t stack_size = 0;  ///< 0: the scheduler's
};

/// A fiber, owned. Destroying the handle cancels the fiber and waits until it has unwound.
///
/// Suspends: join(), the destructor and assignment (shielded from cancellation).
class Handle {
public:
    Handle() noexcept = default;
    Handle(Handle&& other) noexcept;
    Handle& operator=(Handle&& other) noexcept;
    ~Handle();

    /// Waits for the end and throws what the body threw; FiberCancelled of the body is not thrown.
    /// Cancelled: cancels the fiber, waits for it, throws FiberCancelled.
    void join();

    /// Asks the fiber to unwind: FiberCancelled is thrown at its present or next suspension point,
    /// and again at each later one if it is swallowed. What it has on the wire (DrainScope) may
    /// finish within `drain`.
    void cancel(nanoseconds drain = {});

    /// cancel(), waits for the end and lets go. Suspends, shielded from cancellation.
    void end();

    /// Lets the fiber go on by itself; its scheduler joins it.
    void detach();

    [[nodiscard]] bool done() const;  ///< also true of an empty handle
    [[nodiscard]] explicit operator bool() const { return state_ != nullptr; }

private:
    friend Handle start(std::function<void()> body, const StartOptions& options);
    explicit Handle(FiberState* state) : state_(state) {}
    FiberState* state_ = nullptr;
};

/// Starts a fiber beside the calling one (or, from post(), beside none). It runs first when the
/// caller suspends. It inherits the caller's local().
[[nodiscard]] Handle start(std::function<void()> body, const StartOptions& options = {});

/// One pointer that belongs to the calling fiber and is inherited by those it starts: its user.
void*& local();

/// Another one, likewise inherited: what the calling fiber is at work for, e.g. a task.
const void*& purpose();

/// How often the calling fiber's scheduler has switched to a fiber: who finds the same number again
/// has not suspended in between.
[[nodiscard]] std::uint64_t switch_count();

/// Renames the calling fiber for the watchdog, e.g. to the task it runs. `label` must outlive it.
void set_label(const char* label);
[[nodiscard]] const char* label();

/// The calling fiber has been cancelled, whether it has noticed yet or not.
[[nodiscard]] bool cancelled();

/// An exception of that type, thrown by the calling function, would be caught: it is not on the way
/// out of a destructor or any other function that must not throw. Slow.
[[nodiscard]] bool may_throw(const std::type_info& type);

/// While it lives, cancellation does not reach the calling fiber, nor does a Timeout armed before.
/// For what has to be completed: on_stop, a destructor that joins.
class Shield {
public:
    Shield();
    Shield(const Shield&) = delete;
    Shield& operator=(const Shield&) = delete;
    ~Shield();
};

/// While it lives, cancellation reaches the calling fiber only when the drain time given to
/// cancel() has passed. For an exchange that is on the wire.
class DrainScope {
public:
    DrainScope();
    DrainScope(const DrainScope&) = delete;
    DrainScope& operator=(const DrainScope&) = delete;
    ~DrainScope();
};

}  // namespace cicada::fiber
