// SPDX-License-Identifier: Apache-2.0
#include "cluster/worker_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "stats/totals.hpp"

namespace cicada::cluster {
namespace {

using base::ExitCode;
using base::LogLevel;

std::uint64_t random_word() {
    std::random_device entropy;
    return (std::uint64_t{entropy()} << 32) | entropy();
}

}  // namespace

std::string new_node_id() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) name.front() = '\0';
    return fmt::format("{}_{:016x}{:016x}", name.data(), random_word(), random_word());
}

/// The socket, as the machine uses it.
class WorkerRun::Wire final : public MasterLink {
public:
    explicit Wire(const DealerOptions& options) : id_(options.id), dealer_(options) {}

    // What cannot be sent now is lost; whatever has to arrive is repeated by who says it.
    void send(const FromWorker& message) override {
        [[maybe_unused]] const SendResult result = dealer_.send(encode(message, id_));
    }
    void reopen() override { dealer_.reopen(); }

    [[nodiscard]] Dealer& dealer() { return dealer_; }

private:
    std::string id_;
    Dealer dealer_;
};

WorkerRun::WorkerRun(const run::TestClasses& classes, WorkerRunOptions options)
    : options_(std::move(options)), monitor_(base::steady_now(), {}) {
    complete_options(classes);
    wire_ = std::make_unique<Wire>(options_.master);
    engine_.emplace(classes.all(), options_.scheduler, options_.engine, bell_);
    machine_ = std::make_unique<WorkerMachine>(
        options_.worker, engine_->engine(), *wire_, *options_.log, moment());
    after_change();
    control_thread_ = std::thread([this] { run_control(); });
}

void WorkerRun::complete_options(const run::TestClasses& classes) {
    WorkerOptions& worker = options_.worker;
    if (worker.id.empty()) worker.id = new_node_id();
    worker.incarnation = std::max<std::uint64_t>(random_word(), 1);
    worker.planned_classes = classes.planned.size();
    for (const user::Declaration* declaration : classes.all()) {
        worker.classes.push_back(declaration->name);
    }
    worker.started = moment();
    if (worker.journal != nullptr) {
        worker.journal->introduce(worker.id, worker.incarnation);
        options_.engine.traffic = &worker.journal->traffic();
        options_.engine.journal = worker.journal;
    }
    if (options_.engine.traffic == nullptr) options_.engine.traffic = &traffic_;
    worker.wire_counts = [traffic = options_.engine.traffic] {
        return WireCounts{traffic->begun.load(), traffic->finished.load()};
    };
    worker.usage = [this] { return usage(); };
    options_.master.id = worker.id;
    options_.engine.place = {.role = Runner::Role::Worker, .id = worker.id};
}

WorkerRun::~WorkerRun() {
    if (!control_thread_.joinable()) return;
    quit();
    wait_until_finished();
    end(0);
}

Moment WorkerRun::moment() {
    return {base::steady_now(), base::wall_now()};
}

Usage WorkerRun::usage() {
    const base::TimePoint now = base::steady_now();
    if (!usage_ || now >= next_look_at_usage_) {
        next_look_at_usage_ = now + run::UsageMonitor::kPeriod;
        const run::Usage used = monitor_.look(now, {});
        usage_ = Usage{used.process_percent, used.resident_bytes};
    }
    return *usage_;
}

void WorkerRun::run_control() {
    while (true) {
        const base::TimePoint deadline = control_once();
        {
            const std::lock_guard lock(mutex_);
            if (ending_) return;
        }
        bell_.wait_until(deadline, wire_->dealer().descriptor());
    }
}

base::TimePoint WorkerRun::control_once() {
    bool finished_now = false;
    base::TimePoint deadline{};
    {
        const std::lock_guard lock(mutex_);
        Moment now = moment();
        take_reports(now);
        // Sending may take up the socket's news that something can be read, so look again.
        do {
            now = moment();
            machine_->on_time(now);
        } while (receive_all(now));
        if (const auto trouble = wire_->dealer().trouble()) {
            base::log(LogLevel::Warning, "{}", *trouble);
        }
        after_change();
        finished_now = machine_->finished() && !told_finished_;
        told_finished_ = machine_->finished();
        if (!told_finished_) machine_use_.add(engine_->look(now.steady));
        deadline = std::min(machine_->next_deadline(), now.steady + run::Watchdog::kPeriod);
    }
    if (finished_now) changed_.notify_all();
    if (finished_now && options_.on_finished) options_.on_finished();
    return deadline;
}

void WorkerRun::take_reports(const Moment& now) {
    while (auto report = engine_->take_report()) {
        report->machine.add(std::exchange(machine_use_, {}));
        machine_->on_report(std::move(*report), now);
    }
}

bool WorkerRun::receive_all(const Moment& now) {
    bool received = false;
    while (const auto bytes = wire_->dealer().try_receive()) {
        received = true;
        const auto message = decoder_.from_master(*bytes);
        if (message) {
            machine_->on_message(message->message, now);
        } else {
            base::log(LogLevel::Warning, "from the master: {}", message.error());
        }
    }
    return received;
}

void WorkerRun::after_change() {
    auto fresh = std::make_shared<run::Snapshot>();
    fresh->state = machine_->state();
    fresh->user_count = machine_->engine().user_count;
    const auto& users = machine_->engine().users;
    for (std::size_t index = 0; index < users.size(); ++index) {
        fresh->user_class_counts[options_.worker.classes[index]] = users[index];
    }
    static const auto kNothing = std::make_shared<const stats::Totals>(base::WallTime());
    fresh->statistics = kNothing;
    std::shared_ptr<const run::Snapshot> shown = std::move(fresh);
    const std::lock_guard lock(snapshot_mutex_);
    snapshot_.swap(shown);
}

base::Result<void> WorkerRun::start(const run::Target&) {
    return base::failure("a worker does what its master says: start the test there");
}

void WorkerRun::quit() {
    const std::lock_guard lock(mutex_);
    machine_->leave(moment());
    bell_.ring();
}

std::shared_ptr<const run::Snapshot> WorkerRun::snapshot() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
}

void WorkerRun::wait_until_finished() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return machine_->finished(); });
}

void WorkerRun::end(int exit_code) {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    bell_.ring();
    control_thread_.join();
    engine_->end(exit_code);
}

int WorkerRun::exit_code() const {
    const std::lock_guard lock(mutex_);
    const run::EngineReport& engine = machine_->engine();
    if (engine.exit_code) return *engine.exit_code;
    if (!machine_->failure().empty()) return static_cast<int>(ExitCode::Failed);
    if (engine.listener_threw) return static_cast<int>(ExitCode::BadArguments);
    return static_cast<int>(ExitCode::Passed);
}

}  // namespace cicada::cluster
