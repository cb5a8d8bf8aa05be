// SPDX-License-Identifier: Apache-2.0
#include "cluster/cicada_master.hpp"

#include <doctest/doctest.h>

#include "cluster/test_worker.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;
using Types = std::vector<std::string>;

/// A worker of a Cicada master that has said hello.
struct CicadaRig : WorkerRig {
    explicit CicadaRig(WorkerOptions with = {}) : WorkerRig(std::move(with)) {
        hear(from_master::Ack{.index = 0, .protocol = kProtocol});
    }
    void welcome(std::uint64_t reign, std::uint64_t last_report = 0) {
        hear(from_master::Welcome{.reign = reign, .incarnation = 77, .last_report = last_report});
    }
    void command(std::uint64_t first, std::vector<Command> commands) {
        hear(from_master::Commands{.reign = 5, .first = first, .commands = std::move(commands)});
    }
    void done(std::uint64_t number) { hear(from_master::ReportDone{77, number}); }
    void take_all_reports() {
        for (auto reports = take<from_worker::Report>(); !reports.empty();
             reports = take<from_worker::Report>()) {
            done(reports.back().number);
        }
    }
};

TEST_CASE("a worker says hello until a Cicada master welcomes it") {
    // Goal: the handshake survives lost messages. Method: no welcome for two seconds.
    CicadaRig rig;
    rig.take_types();
    rig.pass(2s);
    const auto hellos = rig.take<from_worker::Hello>();
    CHECK(hellos.size() == 4);
    CHECK(hellos.front().incarnation == 77);
    CHECK(hellos.front().reign == 0);
    CHECK(hellos.front().classes == Types{"Buyer", "Looker"});
    rig.welcome(5);
    rig.pass(1s);
    CHECK(rig.take<from_worker::Hello>().empty());
}

TEST_CASE("commands are obeyed once and in order, and acknowledged") {
    // Goal: repeats, gaps and what another master says change nothing.
    // Method: each of them, and a look at what the engine was asked.
    CicadaRig rig;
    rig.welcome(5);
    rig.link.messages.clear();
    rig.command(1, {command::BeginTest{{.statistics_epoch = 1, .host = "http://a"}}});
    rig.command(1, {command::BeginTest{{.statistics_epoch = 1, .host = "http://a"}}});
    rig.command(3, {command::EndTest{}});
    rig.hear(from_master::Commands{.reign = 4, .first = 2, .commands = {command::Leave{}}});
    rig.command(2, {command::Pause{}, command::EndTest{}});
    CHECK(rig.take_calls() == run::Calls{"begin http://a", "pause", "end"});
    std::vector<std::uint64_t> acknowledged;
    for (const auto& one : rig.take<from_worker::CommandsDone>()) {
        CHECK(one.reign == 5);
        acknowledged.push_back(one.number);
    }
    CHECK(acknowledged == std::vector<std::uint64_t>{1, 1, 1, 3});
}

TEST_CASE("a report is kept and sent again until it is acknowledged") {
    // Goal: nothing measured is lost with a message, and nothing doubled by a repeat.
    // Method: requests in each second; the master acknowledges nothing for two seconds.
    CicadaRig rig;
    rig.welcome(5);
    rig.deliver();
    rig.take_all_reports();
    rig.measure(3);
    rig.deliver();
    rig.measure(4);
    rig.deliver();
    rig.measure(5);
    rig.deliver();
    rig.pass(1100ms);
    const auto repeated = rig.take<from_worker::Report>();
    REQUIRE(repeated.size() == 3);
    const std::uint64_t number = repeated.front().number;
    for (const auto& report : repeated) {
        CHECK(report.number == number);
        CHECK(requests_of(report.report.delta) == 3);
    }
    rig.done(number);
    const auto rest = rig.take<from_worker::Report>();
    REQUIRE(rest.size() == 1);
    CHECK(rest.front().number == number + 1);
    CHECK(requests_of(rest.front().report.delta) == 9);
}

TEST_CASE("a master that was started again gets what is left of the reports") {
    // Goal: a new reign goes on after the report it knows; commands begin at 1 again.
    // Method: a report is on its way when the master dies; its successor knows it, or does not.
    for (const bool knows_it : {true, false}) {
        CAPTURE(knows_it);
        CicadaRig rig;
        rig.welcome(5);
        rig.command(1, {command::BeginTest{}});
        rig.take_all_reports();
        rig.measure(3);
        rig.deliver();
        rig.pass(1s);
        const auto pending = rig.take<from_worker::Report>().back().number;
        rig.take_types();
        rig.hear(from_master::Heartbeat{.beat = Beat{.life = 6}});
        const auto hello = rig.take<from_worker::Hello>();
        REQUIRE(hello.size() == 1);
        CHECK(hello.front().reign == 5);
        CHECK(hello.front().last_command == 1);
        CHECK(hello.front().last_acknowledged == pending - 1);
        CHECK(rig.machine->state() == run::State::Running);
        rig.welcome(6, knows_it ? pending : pending - 1);
        std::uint64_t requests = 0;
        for (const auto& report : rig.take<from_worker::Report>()) {
            requests += requests_of(report.report.delta);
        }
        CHECK(requests == (knows_it ? 0 : 3));
        rig.take_calls();
        rig.hear(from_master::Commands{.reign = 6, .first = 1, .commands = {command::EndTest{}}});
        CHECK(rig.take_calls() == run::Calls{"end"});
    }
}

TEST_CASE("a worker that leaves waits until its last report is taken") {
    // Goal: stop, last report, acknowledgement, quit, end. Method: leave in a running test.
    CicadaRig rig;
    rig.welcome(5);
    rig.command(1, {command::BeginTest{}});
    rig.measure(8);
    rig.machine->leave(rig.now);
    rig.deliver();
    CHECK(rig.machine->state() == run::State::Stopping);
    CHECK_FALSE(rig.machine->finished());
    std::uint64_t requests = 0;
    for (int turn = 0; turn < 9 && !rig.machine->finished(); ++turn) {
        const auto reports = rig.take<from_worker::Report>();
        if (reports.empty()) break;
        requests += requests_of(reports.front().report.delta);
        rig.done(reports.front().number);
    }
    CHECK(requests == 8);
    CHECK(rig.machine->finished());
    CHECK(rig.take_types().back() == "quit");
}

TEST_CASE("a worker whose last report nobody takes says how much is missing") {
    // Goal: the loss is stated. Method: the master is gone while the worker leaves.
    CicadaRig rig;
    rig.welcome(5);
    rig.measure(8);
    rig.deliver();
    rig.machine->leave(rig.now);
    rig.deliver();
    rig.pass(9s);
    CHECK_FALSE(rig.machine->finished());
    rig.pass(2s);
    CHECK(rig.machine->finished());
    CHECK(rig.log.back() ==
          "the master has not taken the last report: 8 requests are missing there");
}

TEST_CASE("a refused worker ends and says why") {
    // Goal: two workers of one id do not both run; a refusal of the other is not ours.
    CicadaRig rig;
    rig.hear(from_master::Refused{76, "the id is taken"});
    CHECK_FALSE(rig.machine->finished());
    rig.hear(from_master::Refused{77, "the id is taken"});
    CHECK(rig.machine->finished());
    CHECK(rig.machine->failure() == "the id is taken");
}

TEST_CASE("what a worker measured has the master's time") {
    // Goal: a worker whose clock is two hours wrong does not put its requests two hours away.
    // Method: heartbeats that are answered after 20 ms by a master whose clock is ahead.
    CicadaRig rig;
    rig.welcome(5);
    rig.pass(10ms);
    const auto beats = rig.take<from_worker::Heartbeat>();
    REQUIRE_FALSE(beats.empty());
    REQUIRE(beats.back().beat);
    const auto ahead = std::chrono::hours(2);
    const auto master_time = rig.now.wall.time_since_epoch() + ahead;
    rig.pass(10ms);
    rig.hear(from_master::Heartbeat{
        .beat = Beat{.life = 5, .sent_at = master_time, .echo_of = beats.back().beat->sent_at}});
    rig.take_all_reports();
    rig.measure(1);
    rig.delta.entries.front().seconds = {{1'000'000, 1, 0}};
    rig.delta.entries.front().last_request = base::WallTime(1'000'000s);
    rig.deliver();
    const auto reports = rig.take<from_worker::Report>();
    REQUIRE(reports.size() == 1);
    const stats::EntryDelta& entry = reports.front().report.delta.entries.front();
    CHECK(entry.seconds.front().second == 1'000'000 + 7200);
    CHECK(abs(*entry.last_request - base::WallTime(1'007'200s)) < 20ms);
}

TEST_CASE("stop limits are the master's, other settings are handed on") {
    // Goal: Welcome.settings reach the engine with each test.
    CicadaRig rig;
    rig.hear(from_master::Welcome{
        .reign = 5, .incarnation = 77, .settings = {{"stop-timeout", "2.5"}, {"product", "tea"}}});
    rig.command(1, {command::BeginTest{}});
    CHECK(rig.engine.begun.stop_timeout == 2500ms);
    CHECK_FALSE(rig.engine.begun.drain_timeout);
    CHECK(rig.engine.begun.settings ==
          std::vector<std::pair<std::string, std::string>>{{"product", "tea"}});
}

}  // namespace
}  // namespace cicada::cluster
