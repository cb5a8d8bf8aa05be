// SPDX-License-Identifier: Apache-2.0
#include "run/local_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "http/url.hpp"

namespace cicada::run {
namespace {

using base::LogLevel;

/// Its users come by a rate; with --once they are like any other.
bool has_pool(const user::Declaration& declaration, const EngineOptions& options) {
    return declaration.arrivals && !options.each_task_once;
}

std::vector<ClassShare> shares_of(const std::vector<const user::Declaration*>& classes,
                                  const EngineOptions& options) {
    std::vector<ClassShare> shares;
    for (const user::Declaration* declaration : classes) {
        if (has_pool(*declaration, options)) continue;
        shares.push_back({declaration->name, declaration->weight, declaration->fixed_count});
    }
    return shares;
}

/// As the plan orders them, then those of open models.
std::vector<const user::Declaration*> sorted_by_name(std::vector<const user::Declaration*> classes,
                                                     const EngineOptions& options) {
    std::sort(classes.begin(), classes.end(), [&options](const auto* one, const auto* other) {
        return std::pair(has_pool(*one, options), std::string_view(one->name)) <
               std::pair(has_pool(*other, options), std::string_view(other->name));
    });
    return classes;
}

}  // namespace

std::optional<std::string> complaint_about_host(const std::string& host) {
    const auto url = http::Url::parse(host);
    if (!url) return fmt::format("host {}: {}", host, url.error());
    if (url->scheme == "http") return std::nullopt;
    return fmt::format("host {}: only http:// can be tested", host);
}

LocalRun::LocalRun(const std::vector<const user::Declaration*>& classes, LocalRunOptions options)
    : options_(std::move(options)), resources_(claim_resources()) {
    const auto sorted = sorted_by_name(classes, options_.engine);
    if (const user::LoadPlan* const plan = options_.load_plan) {
        std::vector<std::string> names;
        for (const ClassShare& share : shares_of(sorted, options_.engine)) {
            names.push_back(share.name);
        }
        options_.machine.course = course_of(*plan, names);
        if (plan->is_shape()) options_.engine.shape = plan;
    }
    for (const user::Declaration* declaration : sorted) {
        if (!has_pool(*declaration, options_.engine)) continue;
        options_.machine.arrival_classes.push_back(declaration->name);
    }
    engine_thread_ = std::thread([this, sorted] { run_engine(sorted); });
    try {
        wait_for_engine();
    } catch (...) {
        engine_thread_.join();
        throw;
    }
    machine_ = std::make_unique<RunMachine>(
        shares_of(classes, options_.engine), options_.machine, *engine_, moment());
    after_change(moment());
    control_thread_ = std::thread([this] { run_control(); });
}

LocalRun::~LocalRun() {
    if (!engine_thread_.joinable()) return;
    quit();
    wait_until_finished();
    end(0);
}

Moment LocalRun::moment() {
    return {base::steady_now(), base::wall_now()};
}

void LocalRun::run_engine(const std::vector<const user::Declaration*>& classes) {
    try {
        scheduler_ = std::make_unique<fiber::Scheduler>(options_.scheduler);
        scheduler_->run([this, &classes] {
            engine_ = std::make_unique<Engine>(
                *scheduler_, classes, options_.engine, [this](EngineReport& report) {
                    if (!reports_.try_push(report)) return false;
                    bell_.ring();
                    return true;
                });
            engine_->init();
            engine_is_up();
            run_until_dismissed();
        });
    } catch (...) {
        const std::lock_guard lock(start_mutex_);
        engine_failure_ = std::current_exception();
        engine_answered_.notify_all();
    }
    engine_.reset();
    scheduler_.reset();
}

void LocalRun::engine_is_up() {
    const std::lock_guard lock(start_mutex_);
    engine_is_up_ = true;
    engine_answered_.notify_all();
}

// What escapes from the engine itself is a broken promise of ours, and no user can run on.
void LocalRun::run_until_dismissed() noexcept {
    engine_->run();
}

void LocalRun::wait_for_engine() {
    std::unique_lock lock(start_mutex_);
    engine_answered_.wait(lock, [this] { return engine_is_up_ || engine_failure_ != nullptr; });
    if (engine_failure_ != nullptr) std::rethrow_exception(engine_failure_);
}

void LocalRun::run_control() {
    while (true) {
        const base::TimePoint deadline = control_once();
        {
            const std::lock_guard lock(mutex_);
            if (ending_) return;
        }
        bell_.wait_until(deadline);
    }
}

base::TimePoint LocalRun::control_once() {
    bool finished_now = false;
    base::TimePoint deadline{};
    {
        const std::lock_guard lock(mutex_);
        const Moment now = moment();
        bool changed = machine_->next_deadline() <= now.steady;
        while (auto report = reports_.try_pop()) {
            machine_->on_report(std::move(*report), now);
            changed = true;
        }
        machine_->on_time(now);
        if (changed) after_change(now);
        finished_now = machine_->finished() && !told_finished_;
        told_finished_ = machine_->finished();
        if (!told_finished_) {
            look_at_engine(now);
            look_at_machine(now);
        }
        deadline = std::min(machine_->next_deadline(), now.steady + Watchdog::kPeriod);
    }
    if (finished_now && options_.on_finished) options_.on_finished();
    return deadline;
}

void LocalRun::look_at_engine(const Moment& now) {
    for (const std::string& line : watchdog_.look(scheduler_->pulse(), now.steady)) {
        base::log(LogLevel::Warning, "{}", line);
    }
    for (const std::chrono::nanoseconds hold : watchdog_.take_holds()) {
        machine_->add({.held = hold, .longest_hold = hold});
    }
}

void LocalRun::look_at_machine(const Moment& now) {
    if (now.steady < next_look_at_machine_) return;
    next_look_at_machine_ = now.steady + MachineWatch::kPeriod;
    machine_->add(machine_watch_.look());
}

void LocalRun::after_change(const Moment& now) {
    auto fresh = std::make_shared<const Snapshot>(machine_->snapshot(now));
    {
        const std::lock_guard lock(snapshot_mutex_);
        snapshot_.swap(fresh);
    }
    changed_.notify_all();
}

base::Result<void> LocalRun::start(const Target& target) {
    if (target.host && !target.host->empty()) {
        if (auto complaint = complaint_about_host(*target.host)) return base::failure(*complaint);
    }
    const std::lock_guard lock(mutex_);
    const Moment now = moment();
    for (const std::string& line : shortages(resources_, target.users)) machine_->warn(line);
    after_change(now);
    const auto started = machine_->start(target, now);
    after_change(now);
    bell_.ring();
    return started;
}

void LocalRun::stop() {
    const std::lock_guard lock(mutex_);
    machine_->stop(moment());
    after_change(moment());
    bell_.ring();
}

void LocalRun::stop_and_wait() {
    stop();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !machine_->testing() || machine_->finished(); });
}

void LocalRun::quit() {
    const std::lock_guard lock(mutex_);
    machine_->quit(moment());
    after_change(moment());
    bell_.ring();
}

void LocalRun::pause() {
    const std::lock_guard lock(mutex_);
    machine_->pause(moment());
    after_change(moment());
    bell_.ring();
}

void LocalRun::resume() {
    const std::lock_guard lock(mutex_);
    machine_->resume(moment());
    after_change(moment());
    bell_.ring();
}

void LocalRun::reset_statistics() {
    const std::lock_guard lock(mutex_);
    machine_->reset_statistics(moment());
    after_change(moment());
}

std::shared_ptr<const Snapshot> LocalRun::snapshot() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
}

void LocalRun::wait_until_finished() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return machine_->finished(); });
}

void LocalRun::end(int exit_code) {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    bell_.ring();
    control_thread_.join();
    engine_->dismiss(exit_code);
    engine_thread_.join();
}

Outcome LocalRun::outcome() const {
    const std::lock_guard lock(mutex_);
    const std::shared_ptr<const Snapshot> last = snapshot();
    return {.exit_code = machine_->engine().exit_code,
            .given_up = machine_->given_up(),
            .failures = last->statistics->total().counts.failures > 0 ||
                        !last->statistics->exceptions().empty(),
            .listener_threw = machine_->engine().listener_threw,
            .thresholds = last->thresholds.size(),
            .thresholds_missed = missed(last->thresholds),
            .grade = last->statistics->verdict().grade};
}

}  // namespace cicada::run
