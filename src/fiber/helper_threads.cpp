// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "fiber/scheduler_impl.hpp"
#include "fiber/stream.hpp"
#include "fiber/wait.hpp"

namespace cicada::fiber {
namespace {

/// Threads for calls that block and cannot be made otherwise. Started when needed; they end with
/// the process.
class HelperThreads {
public:
    static constexpr int kMostThreads = 8;

    void add(std::function<void()> job) {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
        if (idle_ == 0 && threads_ < kMostThreads) {
            ++threads_;
            std::thread([this] { serve(); }).detach();
        }
        work_to_do_.notify_one();
    }

private:
    [[noreturn]] void serve() {
        std::unique_lock lock(mutex_);
        while (true) {
            ++idle_;
            work_to_do_.wait(lock, [this] { return !jobs_.empty(); });
            --idle_;
            const std::function<void()> job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable work_to_do_;
    std::deque<std::function<void()>> jobs_;
    int threads_ = 0;
    int idle_ = 0;
};

HelperThreads& helper_threads() {
    static auto* threads = new HelperThreads;  // never destroyed: its threads outlive main
    return *threads;
}

}  // namespace

void run_on_helper_thread(const std::function<void()>& work) {
    Scheduler::Impl& scheduler = scheduler_of_fiber("a blocking call");
    if (scheduler.options().clock == ClockKind::Virtual) return work();
    const Shield shield;
    FiberState& fiber = *scheduler.current();
    std::exception_ptr error;
    bool done = false;
    helper_threads().add([&] {
        try {
            work();
        } catch (...) {
            error = std::current_exception();
        }
        const auto wake = [&] {
            done = true;
            scheduler.make_runnable(fiber);
        };
        while (!scheduler.mailbox().post(wake)) std::this_thread::yield();  // full: soon it is not
    });
    while (!done) scheduler.park();
    if (error) std::rethrow_exception(error);
}

}  // namespace cicada::fiber
