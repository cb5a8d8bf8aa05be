// SPDX-License-Identifier: Apache-2.0
// Goal: a master knows which workers it has, deals users to them at the spawn rate, misses nobody
// and counts nothing twice. Method: workers played message by message, on a clock of the test's.
#include "cluster/master_machine.hpp"

#include <doctest/doctest.h>

#include "cluster/test_master.hpp"

namespace cicada::cluster {
namespace {

using run::State;

run::Target users(std::int64_t count, double rate) {
    return {.users = count, .spawn_rate = rate};
}

std::vector<std::int64_t> spawns_of(MasterRig& rig, const std::string& id) {
    std::vector<std::int64_t> counts;
    double last = 0;
    for (const from_master::Spawn& spawn : rig.take<from_master::Spawn>(id)) {
        CHECK(spawn.timestamp > last);
        last = spawn.timestamp;
        const std::int64_t count = spawn.user_classes_count.at("U");
        if (counts.empty() || counts.back() != count) counts.push_back(count);
    }
    return counts;
}

TEST_CASE("a worker is acknowledged with an index that stays its own") {
    MasterRig rig;
    rig.locust("a_1");
    rig.locust("b_1");
    rig.locust("a_1");
    const auto acks = rig.take<from_master::Ack>("a_1");
    REQUIRE(acks.size() == 2);
    CHECK(acks[0].index == 0);
    CHECK(acks[1].index == 0);
    CHECK(rig.take<from_master::Ack>("b_1").front().index == 1);
    CHECK(rig.machine.cluster().ready() == 2);
}

TEST_CASE("a worker that does not tell its version is not taken, an odd one is") {
    MasterRig rig;
    rig.say("w", from_worker::ClientReady{});
    CHECK(rig.take<from_master::Ack>("w").empty());
    CHECK(rig.machine.cluster().members().empty());
    rig.say("w", from_worker::ClientReady{.version = "abcd"});
    CHECK(rig.take<from_master::Ack>("w").size() == 1);
    CHECK(rig.machine.cluster().ready() == 1);
}

TEST_CASE("a worker of unknown make is one for Locust if it says nothing else in time") {
    MasterRig rig;
    rig.say("boomer_1", from_worker::ClientReady{.unchecked = true});
    const auto acks = rig.take<from_master::Ack>("boomer_1");
    REQUIRE(acks.size() == 1);
    CHECK(acks[0].protocol == kProtocol);
    CHECK(rig.machine.cluster().ready() == 0);
    rig.pass(MasterMachine::kHelloTime - 500ms);
    CHECK(rig.machine.cluster().ready() == 0);
    rig.pass(1s);
    REQUIRE(rig.machine.cluster().ready() == 1);
    CHECK(!rig.machine.cluster().members().front()->is_cicada());
    PlayedWorker cicada(rig, "cicada_1");
    cicada.come();
    CHECK(rig.machine.cluster().members().back()->is_cicada());
}

TEST_CASE("without a worker no test begins") {
    MasterRig rig;
    const auto started = rig.machine.start(users(1, 1), rig.now);
    REQUIRE(!started);
    CHECK(started.error() ==
          "no worker is connected that has loaded the test; start one with cicada --worker");
}

TEST_CASE("a Locust worker is told absolute counts at the spawn rate, a second one gets half") {
    MasterRig rig({.rebalance = true});
    rig.locust("w1");
    REQUIRE(rig.machine.start(users(100, 20), rig.now));
    for (int second = 0; second < 6; ++second) {
        rig.flush();
        rig.pass(1s, {"w1"});
    }
    CHECK(spawns_of(rig, "w1") == std::vector<std::int64_t>{20, 40, 60, 80, 100});
    CHECK(rig.machine.run().state() == State::Running);
    CHECK(rig.take<from_master::SpawningComplete>("w1").front().user_count == 100);
    rig.locust("w2");
    rig.pass(500ms, {"w1", "w2"});
    CHECK(spawns_of(rig, "w2") == std::vector<std::int64_t>{20});
    rig.pass(4s, {"w1", "w2"});
    CHECK(spawns_of(rig, "w1") == std::vector<std::int64_t>{80, 60, 50});
    CHECK(spawns_of(rig, "w2") == std::vector<std::int64_t>{40, 50});
}

TEST_CASE("without rebalancing a worker that comes late gets none") {
    MasterRig rig;
    rig.locust("w1");
    REQUIRE(rig.machine.start(users(10, 10), rig.now));
    rig.pass(3s, {"w1"});
    rig.locust("w2");
    rig.pass(5s, {"w1", "w2"});
    CHECK(spawns_of(rig, "w2").empty());
    CHECK(spawns_of(rig, "w1") == std::vector<std::int64_t>{10});
}

TEST_CASE("a silent worker is missing, and back when it is heard of") {
    MasterRig rig({.missing_after = 5s});
    rig.locust("w1");
    rig.locust("w2");
    rig.pass(4900ms, {"w1"});
    CHECK(rig.machine.cluster().ready() == 2);
    rig.pass(500ms, {"w1"});
    CHECK(rig.machine.cluster().ready() == 1);
    const run::Snapshot missing = rig.snapshot();
    CHECK(missing.workers.at(1).state == State::Missing);
    rig.say("w2", from_worker::Heartbeat{.state = State::Running, .cpu_percent = 3});
    CHECK(rig.machine.cluster().ready() == 2);
    CHECK(rig.snapshot().workers.at(1).state == State::Running);
    CHECK(rig.snapshot().workers.at(1).cpu_percent == 3);
    CHECK(rig.take<from_master::Heartbeat>("w2").size() == 1);
}

TEST_CASE("users of a lost worker come elsewhere at the spawn rate") {
    MasterRig rig({.rebalance = true});
    rig.locust("w1");
    rig.locust("w2");
    REQUIRE(rig.machine.start(users(10, 10), rig.now));
    rig.flush();
    CHECK(spawns_of(rig, "w1") == std::vector<std::int64_t>{5});
    rig.pass(2s, {"w1", "w2"});
    REQUIRE(rig.machine.start(users(10, 1), rig.now));
    rig.pass(1500ms, {"w1", "w2"});
    rig.sent.clear();
    rig.say("w2", from_worker::Quit{});
    rig.pass(5500ms, {"w1"});
    CHECK(spawns_of(rig, "w1") == std::vector<std::int64_t>{6, 7, 8, 9, 10});
}

TEST_CASE("the last word of a missing worker does not stop a test, that of the last one does") {
    MasterRig rig({.machine = {.quit_after_test = 0s}});
    rig.locust("w1");
    rig.locust("w2");
    REQUIRE(rig.machine.start(users(2, 2), rig.now));
    rig.pass(6s, {"w1"});
    rig.say("w2", from_worker::Quit{});
    rig.pass(1s, {"w1"});
    CHECK(rig.machine.run().state() == State::Running);
    rig.say("w1", from_worker::Quit{});
    rig.pass(1s);
    CHECK(rig.machine.run().state() == State::Stopped);
    CHECK(rig.machine.given_up() == "no worker is left");
    CHECK(rig.machine.run().finished());
}

TEST_CASE("a test goes on for a while when all workers are silent at once") {
    MasterRig rig;
    rig.locust("w1");
    REQUIRE(rig.machine.start(users(2, 2), rig.now));
    rig.pass(30s);
    CHECK(rig.machine.run().state() == State::Running);
    rig.pass(40s);
    CHECK(rig.machine.run().state() == State::Stopped);
}

TEST_CASE("what an unknown worker says is discarded; one that spawns is ended") {
    MasterRig rig;
    rig.say("x", from_worker::Heartbeat{});
    CHECK(rig.sent.empty());
    from_worker::LocustStats stats;
    stats.delta.entries.push_back({.key = std::make_shared<stats::EntryKey>()});
    stats.delta.entries.front().counts.requests = 5;
    rig.say("x", stats);
    CHECK(rig.snapshot().statistics->total().counts.requests == 0);
    rig.say("x", from_worker::Spawning{});
    CHECK(rig.take<from_master::Quit>("x").size() == 1);
    rig.machine.on_rubbish("x", "no array", rig.now);
    rig.flush();
    CHECK(rig.take<from_master::Reconnect>("x").size() == 1);
}

TEST_CASE("a worker's wrong clock does not move its figures") {
    using std::chrono::hours;
    for (const auto wrong : {hours(-5), hours(0), hours(7)}) {
        CAPTURE(wrong.count());
        MasterRig rig;
        rig.locust("w1");
        REQUIRE(rig.machine.start(users(1, 1), rig.now));
        rig.say("w1", from_worker::Spawning{});
        const auto now_s = base::WallTime::clock::to_time_t(rig.now.wall);
        from_worker::LocustStats stats;
        stats.delta.entries.push_back({.key = std::make_shared<stats::EntryKey>()});
        auto& entry = stats.delta.entries.front();
        entry.counts.requests = 10;
        entry.last_request = rig.now.wall - 1s + wrong;
        const std::int64_t second = now_s - 1 + std::chrono::seconds(wrong).count();
        entry.seconds = {{.second = second, .requests = 10, .failures = 0}};
        rig.say("w1", stats);
        const run::Snapshot snapshot = rig.snapshot();
        const auto total = snapshot.statistics->total();
        CHECK(total.counts.requests == 10);
        const auto last = snapshot.statistics->total().last_request;
        REQUIRE(last);
        CHECK(std::chrono::abs(*last - rig.now.wall) <= 2s);
    }
}

TEST_CASE("a stop waits for the workers' answers, a quit for their last figures") {
    MasterRig rig;
    rig.locust("w1");
    REQUIRE(rig.machine.start(users(2, 2), rig.now));
    rig.flush();
    rig.obey("w1");
    rig.machine.quit(rig.now);
    rig.pass(1s, {"w1"});
    CHECK(rig.take<from_master::Stop>("w1").size() == 1);
    CHECK(rig.machine.run().state() == State::Cleanup);
    rig.say("w1", from_worker::ClientStopped{});
    rig.pass(100ms, {"w1"});
    CHECK(rig.machine.run().state() == State::Stopped);
    CHECK(rig.take<from_master::Quit>("w1").size() == 1);
    rig.say("w1", from_worker::ClientReady{.version = "2.46.3"});
    CHECK(!rig.machine.run().finished());
    from_worker::LocustStats stats;
    stats.delta.entries.push_back({.key = std::make_shared<stats::EntryKey>()});
    stats.delta.entries.front().counts.requests = 7;
    rig.say("w1", stats);
    rig.say("w1", from_worker::Quit{});
    rig.pass(100ms);
    CHECK(rig.machine.run().finished());
    CHECK(rig.snapshot().statistics->total().counts.requests == 7);
}

TEST_CASE("a worker that never answers a quit is waited for no longer than the limit") {
    MasterRig rig;
    rig.locust("w1");
    rig.machine.quit(rig.now);
    rig.pass(Cluster::kLeavePatience - 1s, {"w1"});
    CHECK(!rig.machine.run().finished());
    rig.pass(2s, {"w1"});
    CHECK(rig.machine.run().finished());
}

TEST_CASE("a test begins when enough workers have loaded it") {
    MasterRig rig;
    PlayedWorker broken(rig, "c_0");
    broken.complaint = "its compiler is missing";
    broken.come();
    rig.machine.start_when_ready(users(2, 2), {.count = 2, .max_wait = 10s}, rig.now);
    PlayedWorker first(rig, "c_1");
    first.come();
    first.work();
    CHECK(rig.machine.run().state() == State::Ready);
    CHECK(rig.snapshot().warnings.front() == "worker c_0 takes no part: its compiler is missing");
    SUBCASE("the second comes") {
        PlayedWorker second(rig, "c_2");
        second.come();
        CHECK(rig.machine.run().state() == State::Spawning);
        for (int round = 0; round < 10; ++round) {
            first.work();
            second.work();
            rig.pass(100ms);
        }
        CHECK(first.users == std::set<std::int64_t>{0});
        CHECK(second.users == std::set<std::int64_t>{1});
        CHECK(rig.machine.run().state() == State::Running);
        CHECK(rig.snapshot().user_count == 2);
        CHECK(broken.did.empty());
    }
    SUBCASE("nobody comes") {
        for (int second = 0; second < 11; ++second) {
            first.work();
            rig.pass(1s);
        }
        CHECK(rig.machine.given_up() == "only 1 of 2 workers came in time");
        first.work();
        rig.pass(1s);
        CHECK(rig.machine.run().finished());
    }
}

/// Two Cicada workers that run four users.
struct Two {
    explicit Two(const MasterOptions& options = {}) : rig(options) {
        one.come();
        other.come();
        REQUIRE(rig.machine.start(users(4, 4), rig.now));
        work();
    }
    void work(int rounds = 10) {
        for (; rounds > 0; --rounds) {
            one.work();
            other.work();
            rig.pass(100ms);
        }
    }
    std::uint64_t requests() { return rig.snapshot().statistics->total().counts.requests; }

    MasterRig rig;
    PlayedWorker one{rig, "a_1", 11};
    PlayedWorker other{rig, "b_1", 22};
};

TEST_CASE("reports of Cicada workers count once, however often they come") {
    Two two;
    CHECK(two.one.users == std::set<std::int64_t>{0, 2});
    CHECK(two.other.users == std::set<std::int64_t>{1, 3});
    CHECK(two.rig.own.announced == 4);
    two.one.measure(100);
    two.one.send_report();
    two.one.send_report();
    two.one.send_report();
    CHECK(two.requests() == 100);
    two.work();
    CHECK(two.requests() == 100);
    two.rig.machine.stop(two.rig.now);
    two.one.measure(1);
    two.other.measure(2);
    two.work();
    CHECK(two.rig.machine.run().state() == State::Stopped);
    CHECK(two.requests() == 103);
    CHECK(two.one.did == std::vector<std::string>{"begin", "end"});
}

TEST_CASE("commands that got lost are sent again, and done once") {
    Two two;
    two.rig.machine.stop(two.rig.now);
    two.rig.flush();
    CHECK(!two.rig.take<from_master::Commands>("a_1").empty());  // lost
    two.rig.pass(200ms);
    CHECK(two.one.did.size() == 1);
    two.rig.pass(600ms);
    two.work();
    CHECK(two.one.did == std::vector<std::string>{"begin", "end"});
    CHECK(two.rig.machine.run().state() == State::Stopped);
}

TEST_CASE("a worker that was cut off goes on where it was") {
    Two two;
    two.one.measure(5);
    for (int round = 0; round < 70; ++round) {
        two.other.work();
        two.rig.pass(100ms);
    }
    CHECK(two.rig.snapshot().workers.front().state == State::Missing);
    CHECK(two.rig.snapshot().user_count == 2);
    two.one.greet();
    two.work();
    CHECK(two.rig.snapshot().user_count == 4);
    CHECK(two.one.users.size() == 2);
    CHECK(two.requests() == 5);
    CHECK(two.one.did == std::vector<std::string>{"begin"});
}

TEST_CASE("an id in use is refused by name; a silent one is taken over") {
    Two two;
    PlayedWorker twin(two.rig, "a_1", 33);
    twin.come();
    const auto refused = two.rig.take<from_master::Refused>("a_1");
    REQUIRE(refused.size() == 1);
    CHECK(refused.front().incarnation == 33);
    CHECK(refused.front().why == "there is a live worker with the id a_1 already");
    two.work();
    CHECK(two.one.users.size() == 2);
    two.rig.sent.clear();
    for (int round = 0; round < 70; ++round) {
        two.other.work();
        two.rig.pass(100ms);
    }
    twin.come();
    twin.work();
    CHECK(two.rig.take<from_master::Refused>("a_1").empty());
    CHECK(two.rig.machine.cluster().ready() == 2);
    CHECK(twin.did == std::vector<std::string>{"begin"});
}

TEST_CASE("what a lost worker may have sent and never reported is stated") {
    Two two;
    two.one.measure(100);
    two.work(2);
    const auto beat = [&two](std::uint64_t started) {
        two.rig.say("a_1", from_worker::Heartbeat{.beat = Beat{.life = 11, .started = started}});
    };
    beat(120);
    beat(130);
    for (int round = 0; round < 70; ++round) {
        two.other.work();
        two.rig.pass(100ms);
    }
    two.rig.machine.stop(two.rig.now);
    for (int round = 0; round < 5; ++round) {
        two.other.work();
        two.rig.pass(100ms);
    }
    CHECK(two.rig.machine.run().state() == State::Stopped);
    CHECK(two.requests() == 100);
    CHECK(two.rig.snapshot().statistics->uncertain_exchanges() == 40);  // 30, and 10 as before
}

TEST_CASE("a worker that runs a test of another master's is told to end it first") {
    MasterRig rig;
    PlayedWorker worker(rig, "a_1");
    worker.report.tests_begun = 3;
    worker.report.tests_ended = 2;
    worker.report.statistics_epoch = 1;
    worker.users = {5, 6};
    worker.reign = 77;
    worker.come();
    worker.measure(1000);
    worker.work();
    worker.work();
    CHECK(worker.users.empty());
    REQUIRE(rig.machine.start(users(1, 1), rig.now));
    for (int round = 0; round < 5; ++round) {
        worker.work();
        rig.pass(100ms);
    }
    CHECK(worker.did == std::vector<std::string>{"end", "begin"});
    CHECK(rig.snapshot().statistics->total().counts.requests == 0);
    CHECK(rig.machine.run().state() == State::Running);
}

TEST_CASE("messages of tests find their nodes") {
    Two two;
    two.one.report.letters = {{"hello", "1", ""}, {"hello", "2", "b_1"}, {"hello", "3", "nobody"}};
    two.one.send_report();
    REQUIRE(two.rig.own.letters.size() == 1);
    CHECK(two.rig.own.letters.front().json == "1");
    CHECK(two.rig.own.letters.front().node == "a_1");
    two.rig.flush();
    bool delivered = false;
    for (const auto& batch : two.rig.take<from_master::Commands>("b_1")) {
        for (const Command& command : batch.commands) {
            const auto* const message = std::get_if<command::Deliver>(&command);
            if (message == nullptr) continue;
            delivered = true;
            CHECK(message->json == "2");
            CHECK(message->from == "a_1");
        }
    }
    CHECK(delivered);
}

TEST_CASE("what is about to end gets no more users, and what it had comes elsewhere") {
    Two two({.rebalance = true});
    two.rig.say("a_1", from_worker::Heartbeat{.state = State::Stopping, .beat = Beat{.life = 11}});
    for (int round = 0; round < 30; ++round) {
        two.other.work();
        two.rig.pass(100ms);
    }
    CHECK(two.other.users.size() == 4);
    CHECK(two.rig.machine.cluster().ready() == 1);
    two.rig.say("a_1", from_worker::Quit{});  // not from it: its last report has not come
    CHECK(two.rig.machine.cluster().members().size() == 2);
    two.one.report.has_left = true;
    two.one.work();
    two.rig.say("a_1", from_worker::Quit{});
    CHECK(two.rig.machine.cluster().members().size() == 1);
}

}  // namespace
}  // namespace cicada::cluster
