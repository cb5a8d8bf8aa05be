// SPDX-License-Identifier: Apache-2.0
// The program's own waiting functions of the pthread library, for std::mutex, std::shared_mutex and
// std::condition_variable. Another fiber of the same thread may hold what a fiber waits for, while
// it waits for an answer itself; to block the thread then would be for ever. A fiber lets the
// others run and tries again. Outside fibers all of them pass through.
#include <pthread.h>

#include <cerrno>
#include <chrono>
#include <ctime>

#include "fiber/lock_retry.hpp"
#include "fiber/next_definition.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {
namespace {

constexpr nanoseconds kConditionPause = std::chrono::microseconds(200);

NextDefinition<int(pthread_mutex_t*)> next_mutex_lock("pthread_mutex_lock");
NextDefinition<int(pthread_rwlock_t*)> next_read_lock("pthread_rwlock_rdlock");
NextDefinition<int(pthread_rwlock_t*)> next_write_lock("pthread_rwlock_wrlock");
NextDefinition<int(pthread_cond_t*, pthread_mutex_t*)> next_cond_wait("pthread_cond_wait");
NextDefinition<int(pthread_cond_t*, pthread_mutex_t*, const timespec*)> next_cond_timedwait(
    "pthread_cond_timedwait");
NextDefinition<int(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)>
    next_cond_clockwait("pthread_cond_clockwait");

template <class Try>
int lock_in_fiber(const char* what, Try try_lock) {
    int result = 0;
    retry_until(what, [&] {
        result = try_lock();
        return result != EBUSY;
    });
    return result;
}

bool has_passed(clockid_t clock, const timespec& time) {
    timespec now{};
    clock_gettime(clock, &now);
    return now.tv_sec > time.tv_sec || (now.tv_sec == time.tv_sec && now.tv_nsec >= time.tv_nsec);
}

/// A wait for a condition may always return without one (POSIX: spurious wakeup), and who calls it
/// looks again. So a fiber lets the others run for a moment and returns.
void wait_a_moment(pthread_mutex_t* mutex) {
    pthread_mutex_unlock(mutex);
    pause_for_lock(kConditionPause);
    pthread_mutex_lock(mutex);
}

}  // namespace

void pause_for_lock(nanoseconds pause) {
    Scheduler::Impl& scheduler = *this_scheduler();
    WakeTimer wake(*scheduler.current());
    wake.set(scheduler.now() + pause);
    while (!wake.timer.rang) scheduler.park();
}

}  // namespace cicada::fiber

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    using namespace cicada::fiber;
    if (!in_fiber()) return (*next_mutex_lock)(mutex);
    return lock_in_fiber("a mutex", [mutex] { return pthread_mutex_trylock(mutex); });
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
    using namespace cicada::fiber;
    if (!in_fiber()) return (*next_read_lock)(lock);
    return lock_in_fiber("a shared mutex", [lock] { return pthread_rwlock_tryrdlock(lock); });
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
    using namespace cicada::fiber;
    if (!in_fiber()) return (*next_write_lock)(lock);
    return lock_in_fiber("a shared mutex", [lock] { return pthread_rwlock_trywrlock(lock); });
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    using namespace cicada::fiber;
    if (!in_fiber()) return (*next_cond_wait)(condition, mutex);
    wait_a_moment(mutex);
    return 0;
}

int pthread_cond_timedwait(pthread_cond_t* condition,
                           pthread_mutex_t* mutex,
                           const timespec* until) {
    using namespace cicada::fiber;
    if (!in_fiber()) return (*next_cond_timedwait)(condition, mutex, until);
    wait_a_moment(mutex);
    return has_passed(CLOCK_REALTIME, *until) ? ETIMEDOUT : 0;
}

int pthread_cond_clockwait(pthread_cond_t* condition,
                           pthread_mutex_t* mutex,
                           clockid_t clock,
                           const timespec* until) {
    using namespace cicada::fiber;
    if (!in_fiber()) return (*next_cond_clockwait)(condition, mutex, clock, until);
    wait_a_moment(mutex);
    return has_passed(clock, *until) ? ETIMEDOUT : 0;
}

}  // extern "C"
