// SPDX-License-Identifier: Apache-2.0
#include "run/engine_thread.hpp"

#include <string>
#include <utility>

#include "base/log.hpp"

namespace cicada::run {

EngineThread::EngineThread(std::vector<const user::Declaration*> classes,
                           fiber::SchedulerOptions scheduler,
                           const EngineOptions& options,
                           Bell& bell)
    : resources_(claim_resources()), bell_(bell) {
    thread_ = std::thread([this, classes = std::move(classes), scheduler, options] {
        run(classes, scheduler, options);
    });
    try {
        wait_until_up();
    } catch (...) {
        thread_.join();
        throw;
    }
}

EngineThread::~EngineThread() {
    if (thread_.joinable()) end(0);
}

void EngineThread::run(const std::vector<const user::Declaration*>& classes,
                       const fiber::SchedulerOptions& scheduler,
                       const EngineOptions& options) {
    try {
        scheduler_ = std::make_unique<fiber::Scheduler>(scheduler);
        scheduler_->run([this, &classes, &options] {
            engine_ = std::make_unique<Engine>(
                *scheduler_, classes, options, [this](EngineReport& report) {
                    if (!reports_.try_push(report)) return false;
                    bell_.ring();
                    return true;
                });
            engine_->init();
            tell_that_it_is_up();
            run_until_dismissed();
        });
    } catch (...) {
        const std::lock_guard lock(mutex_);
        failure_ = std::current_exception();
        answered_.notify_all();
    }
    engine_.reset();
    scheduler_.reset();
}

void EngineThread::tell_that_it_is_up() {
    const std::lock_guard lock(mutex_);
    is_up_ = true;
    answered_.notify_all();
}

// What escapes from the engine itself is a broken promise of ours, and no user can run on.
void EngineThread::run_until_dismissed() noexcept {
    engine_->run();
}

void EngineThread::wait_until_up() {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] { return is_up_ || failure_ != nullptr; });
    if (failure_ != nullptr) std::rethrow_exception(failure_);
}

stats::MachineUse EngineThread::look(base::TimePoint now) {
    stats::MachineUse use;
    for (const std::string& line : watchdog_.look(scheduler_->pulse(), now)) {
        base::log(base::LogLevel::Warning, "{}", line);
    }
    for (const std::chrono::nanoseconds hold : watchdog_.take_holds()) {
        use.add({.held = hold, .longest_hold = hold});
    }
    if (now >= next_look_at_machine_) {
        next_look_at_machine_ = now + MachineWatch::kPeriod;
        use.add(machine_watch_.look());
    }
    return use;
}

void EngineThread::end(int exit_code) {
    engine_->dismiss(exit_code);
    thread_.join();
}

}  // namespace cicada::run
