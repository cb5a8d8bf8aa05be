// SPDX-License-Identifier: Apache-2.0
#include "cluster/worker_machine.hpp"

#include <doctest/doctest.h>

#include "cluster/test_worker.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;
using Types = std::vector<std::string>;

TEST_CASE("a worker says that it is ready every five seconds until a master answers") {
    // Goal: Locust's handshake; and no heartbeat before there is somebody to hear it.
    // Method: silence for 12 s, then an answer, then 12 s more.
    WorkerRig rig;
    rig.pass(12s);
    CHECK(rig.take_types() == Types{"client_ready", "client_ready", "client_ready"});
    rig.hear(from_master::Ack{.index = 3});
    CHECK(rig.take_types() == Types{"stats"});
    rig.pass(8s);
    const auto beats = rig.take<from_worker::Heartbeat>();
    REQUIRE(beats.size() >= 8);
    CHECK(beats.front().state == run::State::Ready);
    CHECK_FALSE(beats.front().beat);
    CHECK(rig.take<from_worker::ClientReady>().empty());
}

TEST_CASE("a worker that finds no master gives up after five minutes") {
    // Goal: the program ends, and says why. Method: nobody answers.
    WorkerRig rig;
    rig.pass(304s);
    CHECK_FALSE(rig.machine->finished());
    rig.pass(3s);
    CHECK(rig.machine->finished());
    CHECK(rig.machine->failure() == "no master has answered in 305 s");
    CHECK(rig.take<from_worker::ClientReady>().size() == 61);
}

TEST_CASE("a worker goes on for a while without its master, then ends") {
    // Goal: users are not lost to a master that is started again within the time; beyond it the
    //       load ends by itself. Method: a test runs, the master falls silent.
    WorkerRig rig({.lost_after = 60s});
    rig.hear(from_master::Ack{.index = 0});
    rig.hear(from_master::Spawn{.timestamp = 1, .user_classes_count = {{"Buyer", 2}}});
    rig.take_types();
    rig.take_calls();
    rig.pass(9s);
    CHECK(rig.take<from_worker::ClientReady>().empty());
    rig.pass(6s);
    CHECK(rig.take<from_worker::ClientReady>().size() >= 1);
    rig.hear(from_master::Heartbeat{});
    rig.pass(59s);
    CHECK(rig.take_calls().empty());
    rig.pass(2s);
    CHECK(rig.take_calls() == run::Calls{"end", "leave"});
    CHECK(rig.machine->finished());
    CHECK(rig.machine->failure().starts_with("the master has been silent for 1m"));
}

TEST_CASE("a worker that is asked to end without a master ends at once") {
    // Goal: Ctrl-C works while it waits. Method: leave() before any answer.
    WorkerRig rig;
    rig.machine->leave(rig.now);
    rig.deliver();
    CHECK(rig.machine->finished());
    CHECK(rig.machine->failure().empty());
}

}  // namespace
}  // namespace cicada::cluster
