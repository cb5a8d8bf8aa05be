// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/master_machine.hpp"

// A master's machine with workers that a test plays, on a clock of the test's own.
namespace cicada::cluster {

using namespace std::chrono_literals;

/// The master's own engine: does everything at once.
class OwnEngine final : public run::EngineLink {
public:
    void begin_test(const run::TestBegin& begin) override {
        report.tests_begun += 1;
        report.statistics_epoch = begin.statistics_epoch;
    }
    void take_step(run::SpawnStep) override {}
    void pause() override {}
    void resume() override {}
    void announce_spawned(std::int64_t users) override { announced = users; }
    void end_test() override { report.tests_ended = report.tests_begun; }
    void reset_statistics(std::uint64_t epoch) override { report.statistics_epoch = epoch; }
    void tell(const run::RunNews&) override {}
    void leave() override { report.has_left = true; }
    void deliver(run::Letter letter) override { letters.push_back(std::move(letter)); }
    void grant(const run::LeaseGrant&) override {}
    void recall(run::LeaseKey, std::int64_t) override {}
    void close(run::LeaseKey) override {}
    void disable_task(std::string) override {}

    run::EngineReport report;
    std::int64_t announced = 0;
    std::vector<run::Letter> letters;
};

struct MasterRig {
    explicit MasterRig(const MasterOptions& options = {},
                       std::vector<run::ClassShare> classes = {{"U"}})
        : machine(std::move(classes), options, own, now) {}

    void say(const std::string& id, FromWorker message) {
        machine.on_message(id, std::move(message), now);
        flush();
    }

    /// What is due goes out, and the master's engine answers.
    void flush() {
        for (int round = 0; round < 5; ++round) {
            machine.on_own_report(run::EngineReport(own.report), now);
            for (Outgoing& one : machine.take_outgoing(now)) sent.push_back(std::move(one));
        }
    }

    /// Time goes on; the ids named say heartbeats meanwhile.
    void pass(std::chrono::nanoseconds time, const std::vector<std::string>& alive = {}) {
        const base::TimePoint end = now.steady + time;
        while (now.steady < end) {
            const auto step = std::min<std::chrono::nanoseconds>(50ms, end - now.steady);
            now.steady += step;
            now.wall += std::chrono::duration_cast<base::WallTime::duration>(step);
            machine.on_time(now);
            if ((now.steady.time_since_epoch() / 1ms) % 1000 < 50) {
                for (const std::string& id : alive) {
                    machine.on_message(id, from_worker::Heartbeat{}, now);
                }
            }
            flush();
        }
    }

    /// All messages of that kind to `id` so far; they are taken away.
    template <class Message>
    std::vector<Message> take(const std::string& id) {
        std::vector<Message> found;
        std::erase_if(sent, [&](Outgoing& one) {
            auto* const message = std::get_if<Message>(&one.message);
            if (one.id != id || message == nullptr) return false;
            found.push_back(std::move(*message));
            return true;
        });
        return found;
    }

    /// A worker made for Locust comes.
    void locust(const std::string& id) { say(id, from_worker::ClientReady{.version = "2.46.3"}); }

    /// It does what the last spawn message says.
    void obey(const std::string& id) {
        for (const from_master::Spawn& spawn : take<from_master::Spawn>(id)) {
            from_worker::SpawningComplete done{.user_classes_count = spawn.user_classes_count};
            for (const auto& [name, users] : spawn.user_classes_count) done.user_count += users;
            say(id, from_worker::Spawning{});
            say(id, done);
        }
    }

    [[nodiscard]] run::Snapshot snapshot() { return machine.snapshot(now); }

    OwnEngine own;
    run::Moment now{base::TimePoint(1h), base::WallTime(std::chrono::seconds(1'700'000'000))};
    MasterMachine machine;
    std::vector<Outgoing> sent;
};

/// A Cicada worker whose engine does everything at once.
class PlayedWorker {
public:
    PlayedWorker(MasterRig& rig, std::string id, std::uint64_t incarnation = 1)
        : rig_(rig), id_(std::move(id)), incarnation_(incarnation) {
        report.users = {0};
    }

    void come() {
        rig_.say(id_, from_worker::ClientReady{.unchecked = true});
        greet();
    }
    void greet() {
        rig_.say(id_,
                 from_worker::Hello{.incarnation = incarnation_,
                                    .reign = reign,
                                    .last_acknowledged = acknowledged,
                                    .last_command = applied,
                                    .test_hash = "x",
                                    .test_complaint = complaint,
                                    .classes = {"U"},
                                    .status = report});
    }

    /// Reads what came, does it, and reports; says it is alive.
    void work() {
        for (const auto& welcome : rig_.take<from_master::Welcome>(id_)) {
            if (welcome.incarnation != incarnation_) continue;
            if (welcome.reign != reign) applied = 0;
            reign = welcome.reign;
        }
        for (const auto& batch : rig_.take<from_master::Commands>(id_)) {
            std::uint64_t number = batch.first;
            for (const Command& command : batch.commands) {
                if (number++ != applied + 1) continue;
                applied += 1;
                obey(command);
            }
        }
        rig_.say(id_, from_worker::CommandsDone{reign, applied});
        rig_.say(id_, from_worker::Heartbeat{.beat = Beat{.life = incarnation_}});
        send_report();
    }
    void send_report() {
        for (const auto& done : rig_.take<from_master::ReportDone>(id_)) acknowledged = done.number;
        if (acknowledged == sent) {
            sent += 1;
            on_its_way = {.incarnation = incarnation_, .number = sent, .report = report};
            report.delta = {};
        }
        rig_.say(id_, on_its_way);
    }
    void measure(std::uint64_t requests) {
        stats::EntryDelta entry;
        entry.key = std::make_shared<stats::EntryKey>(stats::EntryKey{"GET", "/"});
        entry.counts.requests = requests;
        entry.counts.sent = requests;
        report.delta.entries.push_back(entry);
    }

    run::EngineReport report{};
    std::set<std::int64_t> users{};
    std::string complaint{};
    std::uint64_t reign = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t sent = 0;
    std::uint64_t applied = 0;
    std::vector<std::string> did{};
    from_worker::Report on_its_way{};

private:
    void obey(const Command& command) {
        if (const auto* begin = std::get_if<command::BeginTest>(&command)) {
            report.tests_begun += 1;
            report.statistics_epoch = begin->begin.statistics_epoch;
            did.emplace_back("begin");
        } else if (const auto* step = std::get_if<command::TakeStep>(&command)) {
            for (const auto& user : step->step.start) users.insert(user.number);
            for (const std::int64_t number : step->step.stop) users.erase(number);
            report.steps_done += 1;
        } else if (std::holds_alternative<command::EndTest>(command)) {
            users.clear();
            report.tests_ended = report.tests_begun;
            did.emplace_back("end");
        } else if (std::holds_alternative<command::Leave>(command)) {
            report.has_left = true;
        }
        report.user_count = static_cast<std::int64_t>(users.size());
        report.users = {report.user_count};
    }

    MasterRig& rig_;
    std::string id_;
    std::uint64_t incarnation_;
};

}  // namespace cicada::cluster
