// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "run/run_machine.hpp"

// A run machine with an engine that only counts, for tests.
namespace cicada::run {

using Calls = std::vector<std::string>;

/// An engine that does everything at once, or, when told so, only when it is let.
class FakeEngine final : public EngineLink {
public:
    void begin_test(const TestBegin& begin) override {
        calls.push_back("begin " + begin.host);
        begun = begin;
        if (begins_at_once) report.tests_begun += 1;
        report.statistics_epoch = begin.statistics_epoch;
    }
    void take_step(SpawnStep step) override {
        calls.push_back("+" + std::to_string(step.start.size()) + "-" +
                        std::to_string(step.stop.size()));
        report.steps_done += 1;
        report.user_count += static_cast<std::int64_t>(step.start.size());
        report.user_count -= static_cast<std::int64_t>(step.stop.size());
        report.users = {report.user_count};
    }
    void pause() override { calls.push_back("pause"); }
    void resume() override { calls.push_back("resume"); }
    void announce_spawned(std::int64_t users) override {
        calls.push_back("spawned " + std::to_string(users));
    }
    void end_test() override {
        calls.push_back("end");
        if (ends_at_once) end();
    }
    void deliver(Letter letter) override {
        calls.push_back("deliver " + letter.type + " " + letter.json + " of " + letter.node);
    }
    void disable_task(std::string) override {}
    void reset_statistics(std::uint64_t epoch) override {
        calls.push_back("reset");
        report.statistics_epoch = epoch;
    }
    void tell(const RunNews& told) override { news = told; }
    void leave() override {
        calls.push_back("leave");
        report.has_left = true;
    }
    void grant(const LeaseGrant&) override {}
    void recall(LeaseKey, std::int64_t) override {}
    void close(LeaseKey) override {}

    void end() {
        report.tests_ended = report.tests_begun;
        report.user_count = 0;
    }

    std::vector<std::string> calls;
    EngineReport report;
    TestBegin begun;  ///< the last one
    RunNews news;
    bool begins_at_once = true;
    bool ends_at_once = true;
};

/// A machine, its engine and a clock that the test moves.
struct Rig {
    explicit Rig(const MachineOptions& options = {}, std::vector<ClassShare> classes = {{"A"}})
        : machine(std::move(classes), options, engine, now) {}

    /// The load shape says something.
    void wish(std::optional<Aim> aim) {
        engine.report.shape = ShapeWish{engine.report.tests_begun, std::move(aim)};
        deliver();
    }

    /// Delivers reports and calls on_time() as a driver would, until `time` from the beginning.
    void run_until(std::chrono::nanoseconds time) {
        const base::TimePoint end = base::TimePoint(std::chrono::hours(1)) + time;
        deliver();
        while (machine.next_deadline() <= end) {
            move_to(std::max(now.steady, machine.next_deadline()));
            machine.on_time(now);
            deliver();
        }
        move_to(end);
        machine.on_time(now);
        deliver();
    }

    /// Until the machine asks for nothing more.
    void deliver() {
        std::size_t calls = 0;
        do {
            calls = engine.calls.size();
            deliver_once();
        } while (engine.calls.size() != calls);
    }
    void deliver_once() { machine.on_report(EngineReport(engine.report), now); }
    void move_to(base::TimePoint time) {
        now.wall += std::chrono::duration_cast<base::WallTime::duration>(time - now.steady);
        now.steady = time;
    }
    std::vector<std::string> take_calls() { return std::exchange(engine.calls, {}); }

    FakeEngine engine;
    Moment now{base::TimePoint(std::chrono::hours(1)),
               base::WallTime(std::chrono::seconds(1'000'000))};
    RunMachine machine;
};

}  // namespace cicada::run
