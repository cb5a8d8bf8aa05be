// SPDX-License-Identifier: Apache-2.0
#include "cluster/master_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "run/local_run.hpp"

namespace cicada::cluster {

using base::LogLevel;
using run::Moment;

MasterRun::MasterRun(const run::TestClasses& classes, MasterRunOptions options)
    : options_(std::move(options)), router_(options_.router) {
    classes.prepare(options_.master.machine, options_.load_plan);
    if (options_.load_plan != nullptr && options_.load_plan->is_shape()) {
        options_.engine.shape = options_.load_plan;
    }
    options_.engine.place = {.role = Runner::Role::Master, .id = run::kMasterId};
    options_.engine.users_elsewhere = true;
    engine_.emplace(classes.all(), options_.scheduler, options_.engine, bell_);
    machine_ = std::make_unique<MasterMachine>(
        classes.shares(), options_.master, engine_->engine(), moment());
    show(moment());
    base::log(LogLevel::Info, "Waiting for workers at port {}", router_.port());
    control_thread_ = std::thread([this] { run_control(); });
}

MasterRun::~MasterRun() {
    if (!control_thread_.joinable()) return;
    quit();
    wait_until_finished();
    end(0);
}

Moment MasterRun::moment() {
    return {base::steady_now(), base::wall_now()};
}

void MasterRun::run_control() {
    while (true) {
        const base::TimePoint deadline = control_once();
        {
            const std::lock_guard lock(mutex_);
            if (ending_) return;
        }
        bell_.wait_until(deadline, router_.descriptor());
    }
}

base::TimePoint MasterRun::control_once() {
    bool finished_now = false;
    std::vector<Outgoing> messages;
    base::TimePoint deadline{};
    {
        const std::lock_guard lock(mutex_);
        const Moment now = moment();
        const std::size_t received = receive(now);
        while (auto report = engine_->take_report()) {
            machine_->on_own_report(std::move(*report), now);
        }
        machine_->on_time(now);
        messages = machine_->take_outgoing(now);
        if (now.steady >= next_snapshot_at_) show(now);
        finished_now = machine_->run().finished() && !told_finished_;
        told_finished_ = machine_->run().finished();
        if (finished_now) show(now);
        if (!told_finished_) machine_->add(engine_->look(now.steady));
        deadline = std::min({machine_->next_deadline(),
                             now.steady + run::Watchdog::kPeriod,
                             std::max(next_snapshot_at_, now.steady)});
        if (received == kMostAtOnce) deadline = now.steady;
    }
    const bool sent_some = !messages.empty();
    send(std::move(messages));
    if (finished_now && options_.on_finished) options_.on_finished();
    // After a send ZeroMQ does not tell of what has come meanwhile.
    return sent_some ? base::steady_now() : deadline;
}

std::size_t MasterRun::receive(const Moment& now) {
    std::size_t count = 0;
    while (count < kMostAtOnce) {
        auto received = router_.try_receive();
        if (!received) break;
        count += 1;
        auto envelope = decoder_.from_worker(received->bytes);
        if (envelope && answer_about_test(*received, envelope->message)) continue;
        if (envelope) {
            machine_->on_message(received->id, std::move(envelope->message), now);
        } else {
            machine_->on_rubbish(received->id, envelope.error(), now);
        }
    }
    return count;
}

// A test is code: it goes to who knows the secret, or is on this machine.
bool MasterRun::answer_about_test(const Router::Received& from, const FromWorker& message) {
    static const TestStore kNone = TestStore::refusing("this master hands out no test");
    static const TestStore kStrangers = TestStore::refusing(
        "it goes only to workers on the master's machine, or with the same --cluster-secret");
    const TestStore& test = !from.secured && !from.local ? kStrangers
                            : options_.test != nullptr   ? *options_.test
                                                         : kNone;
    std::optional<FromMaster> answer;
    if (const auto* const ask = std::get_if<from_worker::AskForTest>(&message)) {
        answer = test.answer(*ask);
    } else if (const auto* const part = std::get_if<from_worker::AskForPart>(&message)) {
        answer = test.answer(*part);
    }
    if (!answer) return false;
    router_.send(from.id, encode(*answer, from.id));
    return true;
}

// What cannot be handed over is lost: streams send it again, Locust's protocol has no remedy.
void MasterRun::send(std::vector<Outgoing> messages) {
    for (const Outgoing& one : messages) {
        const Delivery delivery = router_.send(one.id, encode(one.message, one.id));
        if (delivery == Delivery::Sent) continue;
        base::log(LogLevel::Debug,
                  "a message {} for worker {} is lost: {}",
                  type_of(one.message),
                  one.id,
                  delivery == Delivery::Full ? "too many wait" : "it is not connected");
    }
}

void MasterRun::show(const Moment& now) {
    next_snapshot_at_ = now.steady + kSnapshotPeriod;
    auto fresh = std::make_shared<const run::Snapshot>(machine_->snapshot(now));
    {
        const std::lock_guard lock(snapshot_mutex_);
        snapshot_.swap(fresh);
    }
    changed_.notify_all();
}

template <class Command>
void MasterRun::command(Command command) {
    const std::lock_guard lock(mutex_);
    const Moment now = moment();
    command(now);
    show(now);
    bell_.ring();
}

base::Result<void> MasterRun::start(const run::Target& target) {
    if (target.host && !target.host->empty()) {
        if (auto why = run::complaint_about_host(*target.host)) return base::failure(*why);
    }
    base::Result<void> started;
    command([&](const Moment& now) { started = machine_->start(target, now); });
    return started;
}

base::Result<void> MasterRun::begin(const run::Target& target) {
    command([&](const Moment& now) { machine_->start_when_ready(target, options_.expected, now); });
    return {};
}

void MasterRun::stop() {
    command([this](const Moment& now) { machine_->stop(now); });
}

void MasterRun::stop_and_wait() {
    stop();
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [this] { return !machine_->run().testing() || machine_->run().finished(); });
}

void MasterRun::quit() {
    command([this](const Moment& now) { machine_->quit(now); });
}

void MasterRun::pause() {
    command([this](const Moment& now) { machine_->pause(now); });
}

void MasterRun::resume() {
    command([this](const Moment& now) { machine_->resume(now); });
}

void MasterRun::reset_statistics() {
    command([this](const Moment& now) { machine_->reset_statistics(now); });
}

std::shared_ptr<const run::Snapshot> MasterRun::snapshot() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
}

void MasterRun::wait_until_finished() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return machine_->run().finished(); });
}

void MasterRun::end(int exit_code) {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    bell_.ring();
    control_thread_.join();
    engine_->end(exit_code);
}

std::uint64_t MasterRun::close_reports(const std::string& id, std::uint64_t incarnation) {
    std::uint64_t last = 0;
    command([&](const Moment& now) { last = machine_->close_reports(id, incarnation, now); });
    return last;
}

void MasterRun::take_last_words(const std::string& id,
                                std::uint64_t incarnation,
                                run::EngineReport report) {
    command([&](const Moment& now) {
        machine_->take_last_words(id, incarnation, std::move(report), now);
    });
}

void MasterRun::disable_task(const std::string& label) {
    command([&](const Moment& now) { machine_->disable_task(label, now); });
}

void MasterRun::stop_for_crash(const std::string& why) {
    command([&](const Moment& now) { machine_->stop_for_crash(why, now); });
}

bool MasterRun::quitting() const {
    const std::lock_guard lock(mutex_);
    return machine_->quitting();
}

run::Outcome MasterRun::outcome() const {
    const std::lock_guard lock(mutex_);
    run::Outcome outcome = run::outcome_of(machine_->run(), *snapshot());
    if (outcome.given_up.empty()) outcome.given_up = machine_->given_up();
    if (machine_->crashed() && !outcome.exit_code) {
        outcome.exit_code = static_cast<int>(base::ExitCode::Crashed);
    }
    return outcome;
}

}  // namespace cicada::cluster
