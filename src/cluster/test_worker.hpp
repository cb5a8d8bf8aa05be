// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/log.hpp"
#include "cluster/worker_machine.hpp"
#include "run/test_machine.hpp"

// A worker's machine with an engine that only counts and a master that the test plays, for tests.
namespace cicada::cluster {

/// Keeps what the worker says.
class HeardByMaster final : public MasterLink {
public:
    void send(const FromWorker& message) override { messages.push_back(message); }
    void reopen() override { ++reopened; }

    std::vector<FromWorker> messages;
    int reopened = 0;
};

struct WorkerRig {
    explicit WorkerRig(WorkerOptions with = {}) : options(std::move(with)) {
        base::set_log_writer([this](const base::LogLine& line) {
            log.push_back(line.text);
            tail.add(line);
        });
        options.id = "here_1";
        options.incarnation = 77;
        options.classes = {"Buyer", "Looker"};
        options.planned_classes = 2;
        options.started = now;
        machine.emplace(options, engine, link, tail, now);
    }
    WorkerRig(const WorkerRig&) = delete;
    WorkerRig& operator=(const WorkerRig&) = delete;
    ~WorkerRig() { base::set_log_writer({}); }

    /// The master says something; the engine reports if it was asked for anything.
    void hear(const FromMaster& message) {
        const std::size_t calls = engine.calls.size();
        machine->on_message(message, now);
        if (engine.calls.size() != calls) deliver();
    }

    /// Delivers the engine's reports until it is asked nothing more.
    void deliver() {
        std::size_t calls = 0;
        do {
            calls = engine.calls.size();
            run::EngineReport report = engine.report;
            report.delta = std::exchange(delta, {});
            machine->on_report(std::move(report), now);
        } while (engine.calls.size() != calls);
    }

    /// Lets time pass, with a report each second.
    void pass(std::chrono::nanoseconds time) {
        const base::TimePoint end = now.steady + time;
        base::TimePoint next_report = now.steady + std::chrono::seconds(1);
        while (true) {
            const base::TimePoint next = std::min({machine->next_deadline(), next_report, end});
            const auto step = std::max(next, now.steady) - now.steady;
            now.steady += step;
            now.wall += step;
            machine->on_time(now);
            if (now.steady >= next_report) {
                deliver();
                next_report += std::chrono::seconds(1);
            }
            if (now.steady >= end) return;
        }
    }

    /// All messages of one kind since the last call; the others stay.
    template <class Message>
    std::vector<Message> take() {
        std::vector<Message> found;
        std::vector<FromWorker> rest;
        for (FromWorker& message : link.messages) {
            if (auto* one = std::get_if<Message>(&message)) {
                found.push_back(std::move(*one));
            } else {
                rest.push_back(std::move(message));
            }
        }
        link.messages = std::move(rest);
        return found;
    }

    /// The types of all messages since the last call but heartbeats and logs.
    std::vector<std::string> take_types() {
        std::vector<std::string> types;
        for (const FromWorker& message : link.messages) {
            const std::string type(type_of(message));
            if (type != "heartbeat" && type != "logs" && type != "cicada_log") {
                types.push_back(type);
            }
        }
        link.messages.clear();
        return types;
    }

    std::vector<std::string> take_calls() { return std::exchange(engine.calls, {}); }

    /// What the engine measures until its next report.
    void measure(std::uint64_t requests) {
        stats::EntryDelta entry;
        entry.key = std::make_shared<const stats::EntryKey>(stats::EntryKey{"GET", "/"});
        entry.counts.requests = requests;
        delta.entries.push_back(std::move(entry));
    }

    WorkerOptions options;
    run::FakeEngine engine;
    stats::Delta delta;
    HeardByMaster link;
    LogTail tail;
    std::vector<std::string> log;
    Moment now{base::TimePoint(std::chrono::hours(1)),
               base::WallTime(std::chrono::seconds(1'000'000))};
    std::optional<WorkerMachine> machine;
};

[[nodiscard]] inline std::uint64_t requests_of(const stats::Delta& delta) {
    std::uint64_t sum = 0;
    for (const stats::EntryDelta& entry : delta.entries) sum += entry.counts.requests;
    return sum;
}

}  // namespace cicada::cluster
