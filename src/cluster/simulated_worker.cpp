// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated_worker.hpp"

#include <algorithm>
#include <utility>

namespace cicada::cluster {

SimulatedEngine::SimulatedEngine(const SimulatedLoad& load,
                                 const std::vector<stats::EntryDelta>& entries,
                                 std::size_t classes)
    : load_(load), entries_(entries) {
    status_.users.resize(classes);
}

void SimulatedEngine::begin_test(const run::TestBegin& begin) {
    status_.statistics_epoch = begin.statistics_epoch;
    status_.lease_round = begin.lease_round;
    ++status_.tests_begun;
    testing_ = true;
    changed_ = true;
    next_figures_ = base::TimePoint::min();  // with the next report, then every period
}

void SimulatedEngine::take_step(run::SpawnStep step) {
    for (const run::PlannedUser& user : step.start) {
        if (user.class_index >= status_.users.size()) continue;
        class_of_.emplace(user.number, user.class_index);
        ++status_.users[user.class_index];
        ++status_.user_count;
    }
    for (const std::int64_t number : step.stop) {
        const auto user = class_of_.extract(number);
        if (user.empty()) continue;
        --status_.users[user.mapped()];
        --status_.user_count;
    }
    ++status_.steps_done;
    changed_ = true;
}

void SimulatedEngine::end_test() {
    class_of_.clear();
    std::fill(status_.users.begin(), status_.users.end(), 0);
    status_.user_count = 0;
    ++status_.tests_ended;
    testing_ = false;
    changed_ = true;
}

void SimulatedEngine::reset_statistics(std::uint64_t epoch) {
    status_.statistics_epoch = epoch;
}

void SimulatedEngine::leave() {
    status_.has_left = true;
    changed_ = true;
}

std::optional<run::EngineReport> SimulatedEngine::take_report(const Moment& now) {
    const bool has_figures = testing_ && now.steady >= next_figures_;
    if (!has_figures && !changed_) return std::nullopt;
    changed_ = false;
    run::EngineReport report = status_;
    report.delta.taken = now.wall;
    if (!has_figures) return report;
    next_figures_ = std::max(next_figures_, now.steady - load_.period) + load_.period;
    report.delta.entries = entries_;
    const std::int64_t second =
        std::chrono::floor<std::chrono::seconds>(now.wall).time_since_epoch().count();
    for (stats::EntryDelta& entry : report.delta.entries) {
        entry.last_request = now.wall;
        entry.seconds = {{second, static_cast<std::uint32_t>(entry.counts.requests), 0}};
    }
    requests_ += load_.requests();
    return report;
}

base::TimePoint SimulatedEngine::next_report() const {
    if (changed_) return base::TimePoint::min();
    return testing_ ? next_figures_ : base::TimePoint::max();
}

SimulatedWorker::SimulatedWorker(const WorkerOptions& worker,
                                 const DealerOptions& dealer,
                                 const SimulatedLoad& load,
                                 const std::vector<stats::EntryDelta>& entries,
                                 const Moment& now)
    : options_(worker),
      link_(dealer),
      engine_(load, entries, worker.classes.size()),
      machine_(options_, engine_, link_, log_, now) {}

// What cannot be sent now is lost; whatever has to arrive is repeated by who says it.
void SimulatedWorker::Link::send(const FromWorker& message) {
    [[maybe_unused]] const SendResult result = dealer.send(encode(message, id));
}

base::TimePoint SimulatedWorker::run_once(Decoder& decoder) {
    while (true) {
        const Moment now{base::steady_now(), base::wall_now()};
        if (auto report = engine_.take_report(now)) machine_.on_report(std::move(*report), now);
        machine_.on_time(now);
        bool received = false;
        while (const auto bytes = link_.dealer.try_receive()) {
            received = true;
            const auto message = decoder.from_master(*bytes);
            if (!message) continue;
            if (std::holds_alternative<from_master::Heartbeat>(message->message)) {
                if (heard_at_) {
                    longest_silence_ = std::max(longest_silence_, now.steady - *heard_at_);
                }
                heard_at_ = now.steady;
            }
            machine_.on_message(message->message, now);
        }
        if (!received && engine_.next_report() > now.steady) {
            return std::min(machine_.next_deadline(), engine_.next_report());
        }
    }
}

}  // namespace cicada::cluster
