// SPDX-License-Identifier: Apache-2.0
// The program's own guards of `static` locals, and pthread_once for std::call_once: an initialiser
// may suspend its fiber, and another fiber that needs the value lets it go on instead of blocking
// the thread. Between threads they wait as usual.
#include <cxxabi.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>

#include "fiber/crash_report.hpp"
#include "fiber/lock_retry.hpp"

namespace cicada::fiber {
namespace {

// The 8 bytes of a guard: byte 0 is the compiler's ("initialised"), the upper half ours.
// Source: Itanium C++ ABI, section 3.3.3.
constexpr std::uint64_t kInitialised = 1;
constexpr unsigned kOwnerShift = 32;
constexpr std::uint64_t kOwnedByThread = std::uint64_t{1} << kOwnerShift;  // outside fibers

std::uint64_t owner_mark() {
    if (!in_fiber()) return kOwnedByThread;
    const auto address = reinterpret_cast<std::uint64_t>(this_scheduler()->current());
    return (address >> 6 | 2) << kOwnerShift;  // fibers are aligned to 64 bytes
}

/// The compiler takes for granted that a guard does not throw, so this is the end.
[[noreturn]] void abort_recursive_initialisation() {
    std::array<char, 512> line{};
    std::snprintf(line.data(),
                  line.size(),
                  "cicada: the initialiser of a static variable needs that variable, in task "
                  "'%.300s'\n",
                  this_scheduler()->current()->label);
    say_and_abort(line.data());
}

/// Calls `try_once` until it is true: with other fibers in between, or, in a thread without, with
/// waits for `state` to change.
template <class Value, class TryOnce>
void wait_until(std::atomic_ref<Value> state, TryOnce try_once) {
    if (in_fiber()) return retry_until("the initialisation of a static variable", try_once);
    for (Value seen = state.load(); !try_once(); seen = state.load()) state.wait(seen);
}

constexpr int kOnceNew = PTHREAD_ONCE_INIT;
constexpr int kOnceRuns = 1;
constexpr int kOnceDone = 2;

}  // namespace
}  // namespace cicada::fiber

namespace __cxxabiv1 {

extern "C" int __cxa_guard_acquire(__guard* guard) {
    using namespace cicada::fiber;
    const std::atomic_ref<std::uint64_t> state(*reinterpret_cast<std::uint64_t*>(guard));
    const std::uint64_t mine = owner_mark();
    std::uint64_t seen = 0;
    wait_until(state, [&] {
        seen = 0;
        if (state.compare_exchange_strong(seen, mine)) return true;
        if (seen == mine && mine != kOwnedByThread) abort_recursive_initialisation();
        return (seen & kInitialised) != 0;
    });
    return seen == 0 ? 1 : 0;
}

extern "C" void __cxa_guard_release(__guard* guard) noexcept {
    const std::atomic_ref<std::uint64_t> state(*reinterpret_cast<std::uint64_t*>(guard));
    state.store(cicada::fiber::kInitialised);
    state.notify_all();
}

extern "C" void __cxa_guard_abort(__guard* guard) noexcept {
    const std::atomic_ref<std::uint64_t> state(*reinterpret_cast<std::uint64_t*>(guard));
    state.store(0);
    state.notify_all();
}

}  // namespace __cxxabiv1

extern "C" int pthread_once(pthread_once_t* control, void (*initialise)()) {
    using namespace cicada::fiber;
    const std::atomic_ref<int> state(*control);
    int seen = kOnceDone;
    wait_until(state, [&] {
        seen = kOnceNew;
        return state.compare_exchange_strong(seen, kOnceRuns) || seen == kOnceDone;
    });
    if (seen == kOnceDone) return 0;
    const auto leave = [&](int left_as) {
        state.store(left_as);
        state.notify_all();
    };
    try {
        initialise();
    } catch (...) {
        leave(kOnceNew);  // std::call_once: the next caller tries again
        throw;
    }
    leave(kOnceDone);
    return 0;
}
