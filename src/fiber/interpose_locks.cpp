// SPDX-License-Identifier: Apache-2.0
// Locks that ordinary C++ takes without a word: a std::mutex, and the guard of a `static` local.
// Another fiber of the same thread may hold them while it waits for an answer; to block the thread
// then would be for ever. A fiber that finds such a lock taken lets the others run and tries again.
#include <cxxabi.h>
#include <dlfcn.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <stdexcept>

#include "fiber/scheduler_impl.hpp"

namespace cicada::fiber {
namespace {

constexpr nanoseconds kFirstRetry = std::chrono::microseconds(20);
constexpr nanoseconds kLongestRetry = std::chrono::milliseconds(2);

void on_retry(Timer& timer);

/// Sleeps between two tries. Not a cancellation point: a lock has no way to say no.
struct RetryTimer : Timer {
    explicit RetryTimer(FiberState& fiber) : Timer(on_retry), owner(&fiber) {}
    FiberState* owner;
    bool rang = false;
};

void on_retry(Timer& timer) {
    auto& retry = static_cast<RetryTimer&>(timer);
    retry.rang = true;
    this_scheduler()->make_runnable(*retry.owner);
}

/// Calls `try_once` until it is true, and shows the watchdog that this fiber waits for `what`.
template <class TryOnce>
void retry_until(const char* what, TryOnce try_once) {
    Scheduler::Impl& scheduler = *this_scheduler();
    FiberState& fiber = *scheduler.current();
    nanoseconds pause = kFirstRetry;
    scheduler.lock_wait_began(what);
    while (!try_once()) {
        RetryTimer timer(fiber);
        scheduler.timers().add(timer, scheduler.now() + pause);
        while (!timer.rang) scheduler.park();
        pause = std::min(2 * pause, kLongestRetry);
    }
    scheduler.lock_wait_ended();
}

/// A fiber runs that may be suspended: not while the loop itself runs, nor in a signal handler.
bool may_suspend() {
    return in_fiber();
}

// The 8 bytes of a guard: byte 0 is the compiler's ("initialised"), the upper half ours.
// Source: Itanium C++ ABI, section 3.3.3.
constexpr std::uint64_t kInitialised = 1;
constexpr std::uint64_t kOwnerShift = 32;
constexpr std::uint64_t kThreadOwns = 1;  // by a thread outside fibers

std::uint64_t owner_mark() {
    if (!may_suspend()) return kThreadOwns << kOwnerShift;
    const auto address = reinterpret_cast<std::uint64_t>(this_scheduler()->current());
    return (address >> 6 | 2) << kOwnerShift;  // fibers are aligned to 64 bytes
}

/// In one and the same fiber.
[[noreturn]] void throw_recursive_initialisation() {
    throw std::logic_error("the initialiser of a static variable needs that variable");
}

}  // namespace

}  // namespace cicada::fiber

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    using namespace cicada::fiber;
    static std::atomic<int (*)(pthread_mutex_t*)> real{nullptr};
    if (may_suspend()) {
        int result = pthread_mutex_trylock(mutex);
        if (result != EBUSY) return result;
        retry_until("a mutex", [&] {
            result = pthread_mutex_trylock(mutex);
            return result != EBUSY;
        });
        return result;
    }
    int (*lock)(pthread_mutex_t*) = real.load(std::memory_order_relaxed);
    if (lock == nullptr) {  // no static local with an initialiser: its guard would need this lock
        lock = reinterpret_cast<int (*)(pthread_mutex_t*)>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
        real.store(lock, std::memory_order_relaxed);
    }
    return lock(mutex);
}

}  // extern "C"

namespace __cxxabiv1 {

extern "C" int __cxa_guard_acquire(__guard* guard) {
    using namespace cicada::fiber;
    std::atomic_ref<std::uint64_t> state(*reinterpret_cast<std::uint64_t*>(guard));
    const std::uint64_t mine = owner_mark();
    const auto try_acquire = [&] {
        std::uint64_t seen = 0;
        state.compare_exchange_strong(seen, mine, std::memory_order_acq_rel);
        if (seen == mine && mine != kThreadOwns << kOwnerShift) throw_recursive_initialisation();
        return seen;
    };
    std::uint64_t seen = try_acquire();
    if (seen == 0) return 1;
    if ((seen & kInitialised) != 0) return 0;
    if (may_suspend()) {
        retry_until("the initialisation of a static variable", [&] {
            seen = try_acquire();
            return seen == 0 || (seen & kInitialised) != 0;
        });
    } else {
        while (seen != 0 && (seen & kInitialised) == 0) {
            state.wait(seen, std::memory_order_acquire);
            seen = try_acquire();
        }
    }
    return seen == 0 ? 1 : 0;
}

extern "C" void __cxa_guard_release(__guard* guard) noexcept {
    std::atomic_ref<std::uint64_t> state(*reinterpret_cast<std::uint64_t*>(guard));
    state.store(cicada::fiber::kInitialised, std::memory_order_release);
    state.notify_all();
}

extern "C" void __cxa_guard_abort(__guard* guard) noexcept {
    std::atomic_ref<std::uint64_t> state(*reinterpret_cast<std::uint64_t*>(guard));
    state.store(0, std::memory_order_release);
    state.notify_all();
}

}  // namespace __cxxabiv1
