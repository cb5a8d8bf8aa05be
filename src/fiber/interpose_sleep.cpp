// SPDX-License-Identifier: Apache-2.0
// The program's own sleep functions of libc: in a fiber they suspend it, elsewhere they pass
// through. An exception never leaves a C call: a fiber that is cancelled meanwhile returns early,
// as if by a signal, and meets its cancellation at the next suspension point of Cicada's own.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>

#include "fiber/next_definition.hpp"
#include "fiber/scheduler_impl.hpp"
#include "fiber/socket_calls.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {
namespace {

using std::chrono::seconds;

nanoseconds length_of(const timespec& time) {
    return seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

/// Sleeps in the calling fiber; returns what is left if it was interrupted, else zero.
nanoseconds sleep_in_fiber(nanoseconds time) {
    Scheduler::Impl& scheduler = *this_scheduler();
    FiberState& fiber = *scheduler.current();
    const TimePoint start = scheduler.now();
    const TimePoint deadline = time < kNever - start ? start + time : kNever;
    if (time <= nanoseconds::zero()) {
        scheduler.yield();
        return {};
    }
    WakeTimer wake(fiber);
    wake.set(deadline);
    while (!wake.timer.rang && !interrupted(fiber)) scheduler.park();
    return std::max(deadline - scheduler.now(), nanoseconds{});
}

/// 0, or EINTR with what is left in `left`.
int sleep_or_eintr(nanoseconds time, timespec* left) {
    const nanoseconds remaining = sleep_in_fiber(time);
    if (remaining == nanoseconds::zero()) return 0;
    if (left != nullptr) *left = timespec_of(remaining);
    return EINTR;
}

bool is_invalid(const timespec* time) {
    return time->tv_sec < 0 || time->tv_nsec < 0 || time->tv_nsec > 999'999'999;
}

nanoseconds clock_reading(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return length_of(now);
}

NextDefinition<unsigned int(unsigned int)> next_sleep("sleep");
NextDefinition<int(useconds_t)> next_usleep("usleep");
NextDefinition<int(const timespec*, timespec*)> next_nanosleep("nanosleep");
NextDefinition<int(clockid_t, int, const timespec*, timespec*)> next_clock_nanosleep(
    "clock_nanosleep");

}  // namespace
}  // namespace cicada::fiber

extern "C" {

unsigned int sleep(unsigned int time) {
    using namespace cicada::fiber;
    if (in_fiber()) {
        const nanoseconds left = sleep_in_fiber(std::chrono::seconds(time));
        return static_cast<unsigned int>(std::chrono::ceil<std::chrono::seconds>(left).count());
    }
    return (*next_sleep)(time);
}

int usleep(useconds_t time) {
    using namespace cicada::fiber;
    if (in_fiber()) {
        const int error = sleep_or_eintr(std::chrono::microseconds(time), nullptr);
        if (error != 0) errno = error;
        return error == 0 ? 0 : -1;
    }
    return (*next_usleep)(time);
}

int nanosleep(const timespec* time, timespec* left) {
    using namespace cicada::fiber;
    if (in_fiber()) {
        const int error = is_invalid(time) ? EINVAL : sleep_or_eintr(length_of(*time), left);
        if (error != 0) errno = error;
        return error == 0 ? 0 : -1;
    }
    return (*next_nanosleep)(time, left);
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
    using namespace cicada::fiber;
    if (in_fiber()) {
        if (is_invalid(time)) return EINVAL;
        if ((flags & TIMER_ABSTIME) == 0) return sleep_or_eintr(length_of(*time), left);
        return sleep_or_eintr(length_of(*time) - clock_reading(clock), nullptr);
    }
    return (*next_clock_nanosleep)(clock, flags, time, left);
}

}  // extern "C"
