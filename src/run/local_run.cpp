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

}  // namespace

std::optional<std::string> complaint_about_host(const std::string& host) {
    const auto url = http::Url::parse(host);
    if (!url) return fmt::format("host {}: {}", host, url.error());
    if (url->scheme == "http") return std::nullopt;
    return fmt::format("host {}: only http:// can be tested", host);
}

LocalRun::LocalRun(const std::vector<const user::Declaration*>& classes, LocalRunOptions options)
    : options_(std::move(options)),
      classes_(test_classes(classes, options_.engine.each_task_once)) {
    classes_.prepare(options_.machine, options_.load_plan);
    if (options_.load_plan != nullptr && options_.load_plan->is_shape()) {
        options_.engine.shape = options_.load_plan;
    }
    engine_.emplace(classes_.all(), options_.scheduler, options_.engine, bell_);
    machine_ = std::make_unique<RunMachine>(
        classes_.shares(), options_.machine, engine_->engine(), moment());
    after_change(moment());
    control_thread_ = std::thread([this] { run_control(); });
}

LocalRun::~LocalRun() {
    if (!control_thread_.joinable()) return;
    quit();
    wait_until_finished();
    end(0);
}

Moment LocalRun::moment() {
    return {base::steady_now(), base::wall_now()};
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
        while (auto report = engine_->take_report()) {
            machine_->on_report(std::move(*report), now);
            changed = true;
        }
        machine_->on_time(now);
        if (changed) after_change(now);
        finished_now = machine_->finished() && !told_finished_;
        told_finished_ = machine_->finished();
        if (!told_finished_) machine_->add(engine_->look(now.steady));
        deadline = std::min(machine_->next_deadline(), now.steady + Watchdog::kPeriod);
    }
    if (finished_now && options_.on_finished) options_.on_finished();
    return deadline;
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
    const MostUsers most = classes_.most_users(target.users, options_.machine.course);
    for (const std::string& line : shortages(engine_->resources(), most)) machine_->warn(line);
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
    engine_->end(exit_code);
}

Outcome LocalRun::outcome() const {
    const std::lock_guard lock(mutex_);
    return outcome_of(*machine_, *snapshot());
}

}  // namespace cicada::run
