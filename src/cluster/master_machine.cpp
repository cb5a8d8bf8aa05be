// SPDX-License-Identifier: Apache-2.0
#include "cluster/master_machine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/later.hpp"
#include "base/log.hpp"

namespace cicada::cluster {
namespace {

using base::LogLevel;
using base::TimePoint;

/// How long the presence of members may go unchecked.
constexpr std::chrono::milliseconds kLookPeriod{250};

/// In the order in which engines' reports count them.
std::vector<std::string> names_of(std::vector<run::ClassShare> classes,
                                  const std::vector<std::string>& arrival_classes) {
    std::vector<std::string> names;
    for (run::ClassShare& share : classes) names.push_back(std::move(share.name));
    std::sort(names.begin(), names.end());
    names.insert(names.end(), arrival_classes.begin(), arrival_classes.end());
    return names;
}

/// Reports of a worker that has served another master must not pass for those of ours.
run::MachineOptions with_epochs_of(const MasterOptions& options) {
    run::MachineOptions machine = options.machine;
    machine.first_epoch = options.reign;
    return machine;
}

/// What the state machine must hear of at once.
bool tells_something(const run::EngineReport& report, const run::EngineReport& last) {
    const auto key = [](const run::EngineReport& one) {
        return std::tie(one.tests_begun,
                        one.tests_ended,
                        one.steps_done,
                        one.has_left,
                        one.stops_asked,
                        one.quit_asked,
                        one.exit_code,
                        one.cannot_go_on,
                        one.nothing_left);
    };
    const bool shape_changed = report.shape.has_value() != last.shape.has_value() ||
                               (report.shape && (report.shape->test != last.shape->test ||
                                                 report.shape->aim != last.shape->aim));
    return key(report) != key(last) || shape_changed ||
           (report.user_count == 0) != (last.user_count == 0);
}

}  // namespace

MasterMachine::MasterMachine(std::vector<run::ClassShare> classes,
                             const MasterOptions& options,
                             run::EngineLink& own,
                             const run::Moment& now)
    : options_(options),
      classes_(names_of(classes, options.machine.arrival_classes)),
      cluster_(own,
               {.classes = classes_,
                .rebalance = options.rebalance,
                .seed = options.seed,
                .first_round = options.reign,
                .iterations = options.iterations,
                .stop_timeout = options.stop_timeout,
                .lease = options.lease}),
      run_(std::move(classes), with_epochs_of(options), cluster_, now),
      now_(now) {}

void MasterMachine::begin(const run::Moment& now) {
    now_ = now;
    cluster_.set_time(now);
}

base::Result<void> MasterMachine::start(const run::Target& target, const run::Moment& now) {
    begin(now);
    const std::size_t workers = cluster_.ready();
    if (workers == 0) {
        return base::failure(
            std::string("no worker is connected that has loaded the test; start one with "
                        "cicada --worker"));
    }
    if (target.spawn_rate > kMostPerWorker * static_cast<double>(workers)) {
        base::log(LogLevel::Warning,
                  "{:g} users/s on {} worker{} is more than {:g} each: they may be late",
                  target.spawn_rate,
                  workers,
                  workers == 1 ? "" : "s",
                  kMostPerWorker);
    }
    waiting_.reset();
    const auto started = run_.start(target, now);
    settle();
    return started;
}

void MasterMachine::start_when_ready(const run::Target& target,
                                     const ExpectedWorkers& expected,
                                     const run::Moment& now) {
    begin(now);
    waiting_ = Waiting{.target = target, .expected = expected};
    if (expected.max_wait) waiting_->until = base::later(now.steady, *expected.max_wait);
    settle();
}

void MasterMachine::stop(const run::Moment& now) {
    begin(now);
    waiting_.reset();
    run_.stop(now);
    settle();
}

void MasterMachine::quit(const run::Moment& now) {
    begin(now);
    waiting_.reset();
    run_.quit(now);
    settle();
}

void MasterMachine::pause(const run::Moment& now) {
    begin(now);
    run_.pause(now);
    settle();
}

void MasterMachine::resume(const run::Moment& now) {
    begin(now);
    run_.resume(now);
    settle();
}

void MasterMachine::reset_statistics(const run::Moment& now) {
    begin(now);
    run_.reset_statistics(now);
}

void MasterMachine::on_own_report(run::EngineReport&& report, const run::Moment& now) {
    begin(now);
    gain(run::kMasterId,
         {.epoch = report.statistics_epoch,
          .delta = std::exchange(report.delta, {}),
          .machine = std::exchange(report.machine, {}),
          .letters = std::exchange(report.letters, {})});
    cluster_.on_own_report(std::move(report));
    changed_ = true;
    settle();
}

void MasterMachine::on_time(const run::Moment& now) {
    begin(now);
    if (now.steady >= next_look_at_) look_at_members();
    cluster_.on_time();
    run_.on_time(now);
    settle();
}

// The state machine is shown what the members are as one engine, until nothing follows from it.
void MasterMachine::settle() {
    begin_if_ready();
    stop_without_workers();
    move_users();
    const bool spawning = run_.state() == run::State::Spawning;
    cluster_.set_ramping(spawning);
    for (int round = 0; round < 3 && changed_; ++round) {
        run::EngineReport sum = cluster_.merged();
        if (!tells_something(sum, last_sum_) && now_.steady < next_sum_at_) return;
        changed_ = false;
        next_sum_at_ = now_.steady + kSumPeriod;
        last_sum_ = sum;
        run_.set_some_are_missing(cluster_.some_are_missing());
        const run::State before = run_.state();
        run_.on_report(std::move(sum), now_);
        if (run_.state() == before) continue;
        changed_ = true;
        if (run_.state() != run::State::Stopped) continue;
        for (const auto& member : cluster_.members()) {
            if (member->missing) add_uncertain(*member);
        }
    }
}

bool MasterMachine::is_silent(const Member& member) const {
    return now_.steady - member.heard_at > options_.missing_after;
}

void MasterMachine::look_at_members() {
    next_look_at_ = now_.steady + kLookPeriod;
    std::vector<std::string> to_be_forgotten;
    for (const auto& member : cluster_.members()) {
        if (!member->missing && is_silent(*member)) lose(*member);
        const bool forgotten = now_.steady - member->heard_at > Member::kForgottenAfter;
        if ((member->missing && forgotten && !member->is_cicada()) || member->hopeless()) {
            to_be_forgotten.push_back(member->id());
        }
    }
    for (const std::string& id : to_be_forgotten) {
        base::log(LogLevel::Warning, "worker {} is given up", id);
        cluster_.remove(*cluster_.find(id), Cluster::Farewell::None);
        changed_ = true;
    }
    for (auto unknown = unknown_make_.begin(); unknown != unknown_make_.end();) {
        if (now_.steady < unknown->second) {
            if (const auto index = index_of(unknown->first)) {  // the first may have been lost
                reply(unknown->first, from_master::Ack{.index = *index, .protocol = kProtocol});
            }
            ++unknown;
            continue;
        }
        const std::string id = unknown->first;
        unknown = unknown_make_.erase(unknown);
        add_locust(id);
    }
}

void MasterMachine::lose(Member& member) {
    const std::int64_t users = member.status().user_count;
    base::log(LogLevel::Warning,
              "worker {} has not been heard of for {:.3g} s, {} users are missing",
              member.id(),
              std::chrono::duration<double>(options_.missing_after).count(),
              users);
    if (run_.testing()) {
        run_.warn(fmt::format("worker {} was missing for some time", member.id()));
    }
    cluster_.lose(member);
    changed_ = true;
}

// What nobody will report any more, as the test is over or the worker is another one.
void MasterMachine::add_uncertain(Member& member) {
    auto* const lost = dynamic_cast<CicadaMember*>(&member);
    if (lost == nullptr) return;
    stats::Delta delta;
    delta.uncertain_exchanges = lost->take_uncertain();
    if (delta.uncertain_exchanges == 0) return;
    base::log(LogLevel::Warning,
              "worker {} is lost: up to {} exchanges of it are not in the figures",
              member.id(),
              delta.uncertain_exchanges);
    run_.merge(std::move(delta), run_.epoch());
}

void MasterMachine::begin_if_ready() {
    if (!waiting_) return;
    const std::size_t ready = cluster_.ready();
    const auto wanted = static_cast<std::size_t>(waiting_->expected.count);
    if (ready >= wanted) {
        const run::Target target = waiting_->target;
        waiting_.reset();
        if (const auto started = run_.start(target, now_); !started) {
            given_up_ = started.error();
            base::log(LogLevel::Error, "{}", given_up_);
            run_.quit(now_);
        }
        return;
    }
    if (now_.steady >= waiting_->until) {
        given_up_ = fmt::format("only {} of {} workers came in time", ready, wanted);
        base::log(LogLevel::Error, "{}", given_up_);
        waiting_.reset();
        run_.quit(now_);
    } else if (waiting_->told != ready) {
        waiting_->told = ready;
        base::log(LogLevel::Info, "Waiting for workers: {} of {} are ready", ready, wanted);
    }
}

// Those who have to move come at the spawn rate too. During a ramp new users go where somebody is
// missing, and nobody moves beside them.
void MasterMachine::move_users() {
    if (cluster_.settled() || run_.state() != run::State::Running) return;
    if (now_.steady < next_move_at_) return;
    next_move_at_ = base::later(now_.steady, run_.plan().pause());
    cluster_.move(run_.plan().step_size());
    changed_ = true;
}

void MasterMachine::stop_without_workers() {
    const bool runs = run_.state() == run::State::Spawning || run_.state() == run::State::Running;
    if (!runs || cluster_.ready() > 0) {
        alone_since_.reset();
        return;
    }
    if (!alone_since_) alone_since_ = now_.steady;
    // Worker processes of this program are started again.
    const bool some_may_return = !cluster_.members().empty() || has_processes_;
    if (some_may_return && now_.steady < *alone_since_ + Member::kForgottenAfter) return;
    alone_since_.reset();
    run_.give_up("no worker is left");
    changed_ = true;
}

std::uint64_t MasterMachine::close_reports(const std::string& id,
                                           std::uint64_t incarnation,
                                           const run::Moment& now) {
    begin(now);
    has_processes_ = true;
    auto* const member = dynamic_cast<CicadaMember*>(cluster_.find(id));
    if (member == nullptr || member->incarnation() != incarnation) {
        const auto found = gone_.find(incarnation);
        return found == gone_.end() ? 0 : found->second;
    }
    member->close_reports();
    return member->last_report();
}

void MasterMachine::take_last_words(const std::string& id,
                                    std::uint64_t incarnation,
                                    run::EngineReport&& report,
                                    const run::Moment& now) {
    begin(now);
    run_.merge(std::exchange(report.delta, {}), report.statistics_epoch);
    auto* const member = dynamic_cast<CicadaMember*>(cluster_.find(id));
    if (member != nullptr && member->incarnation() == incarnation) {
        cluster_.settle(*member, report);
        cluster_.remove(*member, Cluster::Farewell::None);
    }
    changed_ = true;
    settle();
}

void MasterMachine::disable_task(const std::string& label, const run::Moment& now) {
    begin(now);
    run_.warn(fmt::format("the task {} is disabled: it has crashed workers", label));
    cluster_.disable_task(label);
}

void MasterMachine::stop_for_crash(const std::string& why, const run::Moment& now) {
    begin(now);
    crashed_ = true;
    if (given_up_.empty()) given_up_ = why;
    run_.give_up(why);
    changed_ = true;
    settle();
}

const std::string& MasterMachine::given_up() const {
    return given_up_.empty() ? run_.given_up() : given_up_;
}

TimePoint MasterMachine::next_deadline() const {
    TimePoint deadline = std::min(run_.next_deadline(), cluster_.next_deadline());
    if (changed_) deadline = std::min(deadline, next_sum_at_);
    if (waiting_) deadline = std::min(deadline, waiting_->until);
    if (!cluster_.settled() && run_.state() == run::State::Running) {
        deadline = std::min(deadline, next_move_at_);
    }
    return std::min(deadline, next_look_at_);
}

std::vector<Outgoing> MasterMachine::take_outgoing(const run::Moment& now) {
    begin(now);
    std::vector<Outgoing> out = std::exchange(replies_, {});
    cluster_.send_due(out);
    return out;
}

run::Snapshot MasterMachine::snapshot(const run::Moment& now) const {
    run::Snapshot snapshot = run_.snapshot(now);
    for (const auto& member : cluster_.members()) {
        snapshot.workers.push_back({.id = member->id(),
                                    .index = member->index(),
                                    .state = member->missing ? run::State::Missing : member->state,
                                    .user_count = member->missing ? 0 : member->status().user_count,
                                    .cpu_percent = member->cpu_percent,
                                    .memory_bytes = member->memory_bytes});
        if (!member->complaint().empty()) {
            snapshot.warnings.push_back(
                fmt::format("worker {} takes no part: {}", member->id(), member->complaint()));
        }
    }
    return snapshot;
}

}  // namespace cicada::cluster
