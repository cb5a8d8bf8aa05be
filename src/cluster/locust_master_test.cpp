// SPDX-License-Identifier: Apache-2.0
#include "cluster/locust_master.hpp"

#include <doctest/doctest.h>

#include "cluster/test_worker.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;
using Types = std::vector<std::string>;

/// A worker of a Locust master, with nothing said yet.
struct LocustRig : WorkerRig {
    explicit LocustRig(WorkerOptions with = {}) : WorkerRig(std::move(with)) {
        hear(from_master::Ack{.index = 1});
        take_types();
        take_calls();
    }
    void spawn(double timestamp, const ClassCounts& counts) {
        hear(from_master::Spawn{.timestamp = timestamp,
                                .user_classes_count = counts,
                                .host = "http://shop",
                                .stop_timeout_s = 2});
    }
};

TEST_CASE("a test under a Locust master, from spawn to stop and over again") {
    // Goal: the order of messages in the reference, section 5.5. Method: play the master.
    LocustRig rig;
    rig.spawn(1, {{"Buyer", 2}, {"Looker", 1}});
    CHECK(rig.take_types() == Types{"spawning", "spawning_complete"});
    CHECK(rig.take_calls() == run::Calls{"begin http://shop", "+3-0"});
    CHECK(rig.machine->state() == run::State::Running);

    rig.spawn(2, {{"Buyer", 1}, {"Looker", 4}});
    CHECK(rig.take_calls() == run::Calls{"+3-1"});
    CHECK(rig.take_types() == Types{"spawning", "spawning_complete"});

    rig.hear(from_master::SpawningComplete{.user_count = 12});
    CHECK(rig.take_calls() == run::Calls{"spawned 12"});
    rig.take_types();
    rig.measure(7);
    rig.hear(from_master::Stop{});
    CHECK(rig.take_calls() == run::Calls{"end"});
    CHECK(rig.take_types() == Types{"stats", "client_stopped", "client_ready"});
    CHECK(rig.machine->state() == run::State::Ready);

    rig.spawn(3, {{"Buyer", 1}, {"Looker", 0}});
    CHECK(rig.take_calls() == run::Calls{"begin http://shop", "+1-0"});
}

TEST_CASE("a spawn message that is not later than the last is discarded") {
    // Goal: one that was overtaken changes nothing, but is answered. Method: equal, older, later.
    LocustRig rig;
    rig.spawn(5, {{"Buyer", 2}});
    rig.take_calls();
    rig.take_types();
    rig.spawn(5, {{"Buyer", 9}});
    rig.spawn(4.9, {{"Buyer", 9}});
    CHECK(rig.take_calls().empty());
    CHECK(rig.take_types() == Types{"spawning", "spawning"});
    CHECK(rig.log.back().find("older or equal timestamp") != std::string::npos);
    rig.spawn(5.1, {{"Buyer", 3}});
    CHECK(rig.take_calls() == run::Calls{"+1-0"});
}

TEST_CASE("users come once the listeners of test_start have returned") {
    // Goal: a slow listener delays them, and of several spawn messages meanwhile the last counts.
    // Method: an engine that begins when it is let.
    LocustRig rig;
    rig.engine.begins_at_once = false;
    rig.spawn(1, {{"Buyer", 1}});
    rig.spawn(2, {{"Buyer", 5}});
    CHECK(rig.take_calls() == run::Calls{"begin http://shop"});
    CHECK(rig.machine->state() == run::State::Spawning);
    rig.engine.report.tests_begun = 1;
    rig.deliver();
    CHECK(rig.take_calls() == run::Calls{"+5-0"});
}

TEST_CASE("a new test that is asked for while the last one stops begins after it") {
    // Goal: users that take their time to stop are not mixed with those of the next test.
    // Method: an engine that ends when it is let.
    LocustRig rig;
    rig.spawn(1, {{"Buyer", 1}});
    rig.engine.ends_at_once = false;
    rig.hear(from_master::Stop{});
    rig.spawn(2, {{"Buyer", 3}});
    rig.take_calls();
    rig.take_types();
    rig.engine.end();
    rig.deliver();
    CHECK(rig.take_calls() == run::Calls{"begin http://shop", "+3-0"});
}

TEST_CASE("statistics go to a Locust master each three seconds, nothing twice") {
    // Goal: the sum of what is sent is what was measured. Method: a request a second for 10 s.
    LocustRig rig;
    rig.spawn(1, {{"Buyer", 1}});
    rig.take_types();
    for (int second = 0; second < 10; ++second) {
        rig.measure(2);
        rig.pass(1s);
        rig.hear(from_master::Heartbeat{});
    }
    rig.hear(from_master::Quit{});
    const auto statistics = rig.take<from_worker::LocustStats>();
    CHECK(statistics.size() == 4);
    std::uint64_t requests = 0;
    for (const auto& one : statistics) requests += requests_of(one.delta);
    CHECK(requests == 20);
    CHECK(rig.take_types().back() == "quit");
    CHECK(rig.machine->finished());
    CHECK(rig.machine->failure().empty());
}

TEST_CASE("each exception is a message of its own, in bounds") {
    // Goal: a Locust master counts messages; a flood is spread and neither lost nor doubled.
    // Method: 450 of them, 200 go with each report.
    LocustRig rig;
    rig.spawn(1, {{"Buyer", 1}});
    rig.delta.exceptions.push_back({"std::runtime_error", "no tea", "Buyer.buy", 450});
    rig.deliver();
    rig.pass(3s);
    auto raised = rig.take<from_worker::ExceptionRaised>();
    REQUIRE(raised.size() == 200);
    CHECK(raised.front().message == "std::runtime_error: no tea");
    CHECK(raised.front().traceback == "  in Buyer.buy\n");
    rig.hear(from_master::Stop{});
    CHECK(rig.take<from_worker::ExceptionRaised>().size() == 250);
}

TEST_CASE("what only a Cicada master can share out refuses a Locust master") {
    // Goal: no test silently does N times what it says. Method: with and without --local-limits.
    LocustRig refused({.shared_things = {"a limit of Buyer.buy", "rows of accounts.csv"}});
    CHECK(refused.machine->failure() ==
          "only a Cicada master can share out among its workers what this test has: a limit of "
          "Buyer.buy, rows of accounts.csv; with --local-limits each worker has all of it");
    CHECK(refused.machine->finished());
    CHECK(refused.engine.report.tests_begun == 0);
    LocustRig taken({.shared_things = {"a limit of Buyer.buy"}, .local_limits = true});
    taken.spawn(1, {{"Buyer", 1}});
    CHECK(taken.engine.report.tests_begun == 1);
}

TEST_CASE("classes the test does not have are named, once") {
    // Goal: whoever wrote two tests finds the difference. Method: one known, one unknown.
    LocustRig rig;
    rig.spawn(1, {{"Buyer", 1}, {"Robber", 2}});
    rig.spawn(2, {{"Buyer", 2}, {"Robber", 2}});
    const auto says = [](const std::string& line) {
        return line ==
               "the master wants users of Robber, which this test does not have; it has Buyer, "
               "Looker";
    };
    CHECK(std::count_if(rig.log.begin(), rig.log.end(), says) == 1);
    CHECK(rig.engine.report.user_count == 2);
}

TEST_CASE("log lines go to a Locust master until they are too many") {
    // Goal: reference 5.3, logs. Method: three lines, then 71 in one interval.
    LocustRig rig;
    rig.pass(1s);
    rig.take<from_worker::Logs>();
    for (int line = 0; line < 3; ++line) rig.tail.add({base::LogLevel::Info, "tea"});
    rig.pass(5s);
    rig.hear(from_master::Heartbeat{});
    rig.pass(5s);
    rig.hear(from_master::Heartbeat{});
    auto logs = rig.take<from_worker::Logs>();
    REQUIRE(logs.size() == 1);
    CHECK(logs.front().worker_id == "here_1");
    CHECK(logs.front().lines.back().ends_with("tea"));
    for (int line = 0; line < 71; ++line) rig.tail.add({base::LogLevel::Info, "more tea"});
    rig.pass(10s);
    rig.hear(from_master::Heartbeat{});
    logs = rig.take<from_worker::Logs>();
    REQUIRE(logs.size() == 1);
    CHECK(logs.front().lines.back().find("attempted to send more than 70 log lines") !=
          std::string::npos);
    rig.tail.add({base::LogLevel::Info, "one more"});
    rig.pass(11s);
    CHECK(rig.take<from_worker::Logs>().empty());
}

TEST_CASE("a reset that a worker was told to make happens when all users are there") {
    // Goal: --reset-stats on a worker; what was measured before is not sent any more.
    LocustRig rig({.reset_when_spawned = true});
    rig.spawn(1, {{"Buyer", 1}});
    rig.measure(5);
    rig.deliver();
    rig.hear(from_master::SpawningComplete{.user_count = 1});
    rig.measure(2);
    rig.hear(from_master::Stop{});
    std::uint64_t requests = 0;
    for (const auto& one : rig.take<from_worker::LocustStats>()) requests += requests_of(one.delta);
    CHECK(requests == 2);
}

TEST_CASE("custom arguments, tags and changed classes come with the next test") {
    // Goal: what the page of a Locust master says reaches the test, by our names of options.
    LocustRig rig;
    rig.hear(from_master::UpdateUserClass{
        R"({"user_class_name": "Buyer", "host": "http://b", "min_wait": 5, "tasks": null})"});
    rig.hear(from_master::UpdateUserClass{R"({"user_class_name": "Buyer", "weight": 3})"});
    rig.hear(from_master::Spawn{
        .timestamp = 1,
        .parsed_options_json =
            R"({"my_tea": "green", "tags": ["a"], "host": null, "expect_workers": 4})"});
    using Settings = std::vector<std::pair<std::string, std::string>>;
    CHECK(
        rig.engine.begun.settings ==
        Settings{{"expect-workers", "4"},
                 {"my-tea", "green"},
                 {"tags", "[\"a\"]"},
                 {"config-users", R"({"host":"http://b","user_class_name":"Buyer","weight":3})"}});
    CHECK(rig.engine.begun.worker_index == 1);
    CHECK(rig.engine.begun.worker_count == 4);
}

TEST_CASE("messages of a test travel to and from a Locust master") {
    // Goal: send_message() and on_message() work there; a third node cannot be reached.
    LocustRig rig;
    rig.engine.report.letters = {{"hello", "{\"n\": 1}", ""}, {"hello", "2", "other_1"}};
    rig.deliver();
    rig.engine.report.letters.clear();
    const auto sent = rig.take<from_worker::Custom>();
    REQUIRE(sent.size() == 1);
    CHECK(sent.front().type == "hello");
    CHECK(sent.front().json == "{\"n\": 1}");
    rig.hear(from_master::Custom{"answer", "42"});
    CHECK(rig.take_calls() == run::Calls{"deliver answer 42 of master"});
}

}  // namespace
}  // namespace cicada::cluster
