// SPDX-License-Identifier: Apache-2.0
#include "run/messages.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cicada/body.hpp>
#include <cicada/fiber.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "fiber/scheduler.hpp"
#include "user/listeners.hpp"
#include "user/registry.hpp"

namespace cicada::run {
namespace {

using Lines = std::vector<std::string>;

/// A node of a test, with listeners and log of its own, in virtual time.
class Node {
public:
    explicit Node(NodePlace place = {}) : messages(std::move(place)) {
        user::registry().clear();
        user::listeners().clear();
        message_listeners().clear();
        base::set_log_writer([this](const base::LogLine& line) { log.push_back(line.text); });
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node() {
        base::set_log_writer({});
        user::registry().clear();
        user::listeners().clear();
        message_listeners().clear();
    }

    /// Calls `body` while messages are delivered, and until 10 s later.
    void run(const std::function<void()>& body) {
        fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
        scheduler.run([&] {
            const fiber::Handle delivery = fiber::start([this] { messages.deliver(); });
            body();
            fiber::sleep_for(10s);
        });
    }

    void send(std::string_view type, const JsonText& data, std::string_view to = {}) {
        messages.send(type, data.text(), to);
    }

    Messages messages;
    Lines heard;
    Lines log;
};

TEST_CASE("a worker's messages go to the master, and by name to any node") {
    // Goal: what leaves the node waits for control with the name it was given; its own stays here.
    // Method: a worker that sends to nobody in particular, to another and to itself.
    Node node({.role = Runner::Role::Worker, .id = "here_1"});
    on_message("hello", [&node](const NodeMessage& message) {
        node.heard.push_back(fmt::format("{} from {}", message.type, message.from));
    });
    node.run([&node] {
        node.send("hello", "to the master");
        node.send("hello", "to another", "there_2");
        node.send("hello", "to myself", "here_1");
        node.messages.receive({.type = "hello", .json = "1", .node = "master"});
        node.messages.receive({.type = "unknown", .json = "1", .node = "master"});
    });
    CHECK(node.heard == Lines{"hello from here_1", "hello from master"});
    CHECK(node.log == Lines{"nobody listens to on_message(\"unknown\")"});
    const std::vector<Letter> outgoing = node.messages.take_outgoing();
    REQUIRE(outgoing.size() == 2);
    CHECK(outgoing[0].node.empty());
    CHECK(outgoing[0].json == "\"to the master\"");
    CHECK(outgoing[1].node == "there_2");
    CHECK_FALSE(node.messages.has_outgoing());
}

TEST_CASE("messages that nobody takes off a node are limited") {
    // Goal: a test that floods hears of it. Method: one more than may wait; and one arriving.
    Node node({.role = Runner::Role::Worker, .id = "here_1"});
    on_message("hello", [](const NodeMessage&) {});
    for (std::size_t count = 0; count < Messages::kMostWaiting; ++count) node.send("x", "");
    CHECK_THROWS_WITH(node.send("x", ""),
                      "send_message(\"x\"): 10000 messages wait to be sent already");
    for (std::size_t count = 0; count <= Messages::kMostWaiting; ++count) {
        node.messages.receive({.type = "hello", .json = "1", .node = "master"});
    }
    CHECK(
        node.log ==
        Lines{"a message \"hello\" of master is dropped: 10000 wait for their listeners already"});
}

TEST_CASE("messages reach their listener in the order they were sent in") {
    // Goal: one after the other, also when a listener suspends or sends itself.
    Node node;
    on_message("number", [&node](const NodeMessage& message) {
        const auto number = message.data["n"].integer();
        if (number == 2) sleep(1s);
        if (number == 1) node.send("text", "from within");
        node.heard.push_back(fmt::format("{} {} {}", message.from, message.type, number));
    });
    on_message("text",
               [&node](const NodeMessage& message) { node.heard.push_back(message.data.text()); });
    node.run([&node] {
        for (int n = 1; n <= 3; ++n) node.send("number", json_object({{"n", n}}));
        node.send("text", "last", "local");
        CHECK(node.heard.empty());
    });
    CHECK(node.heard ==
          Lines{"local number 1", "local number 2", "local number 3", "last", "from within"});
    CHECK(node.log.empty());
}

TEST_CASE("the data of a message may be kept, and asked for what is not there") {
    // Goal: the view shares the text. Method: read it after the listener has returned.
    Node node;
    std::optional<JsonView> kept;
    on_message("keep", [&kept](const NodeMessage& message) { kept = message.data; });
    node.run([&node] { node.send("keep", json_object({{"list", json_array({1, "two"})}})); });
    REQUIRE(kept);
    CHECK((*kept)["list"][1] == "two");
    CHECK((*kept)["nothing"].value_or("none") == "none");
    CHECK_THROWS_WITH((void)(*kept)["nothing"].text(), "no text at /nothing");
}

TEST_CASE("a message that cannot be delivered is no silence") {
    // Goal: unknown types warn once, unknown nodes and a flood are errors.
    Node node;
    on_message("known", [](const NodeMessage&) {});
    node.run([&node] {
        node.send("unknown", 1);
        node.send("unknown", 2);
        CHECK_THROWS_WITH_AS(node.send("known", 1, "worker-7"),
                             "send_message(\"known\"): there is no node \"worker-7\"",
                             std::runtime_error);
        for (std::size_t i = 0; i < Messages::kMostWaiting; ++i) node.send("known", nullptr);
        CHECK_THROWS_WITH_AS(
            node.send("known", 1),
            "send_message(\"known\"): 10000 messages wait for their listeners already",
            std::runtime_error);
    });
    CHECK(node.log == Lines{"nobody listens to on_message(\"unknown\")"});
}

TEST_CASE("a listener that throws is logged and noted, and hears the next message") {
    Node node;
    on_message("bad", [&node](const NodeMessage& message) {
        node.heard.push_back(message.data.text());
        throw std::runtime_error("bad message");
    });
    node.run([&node] {
        node.send("bad", "a");
        node.send("bad", "b");
    });
    CHECK(node.heard == Lines{"a", "b"});
    CHECK(user::listeners().any_threw());
    CHECK(node.log.size() == 2);
    CHECK(node.log[0] == "on_message(\"bad\") threw std::runtime_error: bad message");
}

TEST_CASE("two listeners to one type are a complaint about the test") {
    Node node;
    on_message("hello", [](const NodeMessage&) {});
    on_message("hello", [](const NodeMessage&) {});
    on_message("", [](const NodeMessage&) {});
    const Lines found = user::registry().check();
    REQUIRE(found.size() == 2);
    CHECK(found[0].find(": on_message(\"hello\"): there is a listener to it at ") !=
          std::string::npos);
    CHECK(found[0].ends_with(" already"));
    CHECK(found[1].ends_with(": on_message(): the type is empty"));
    user::registry().seal();
    CHECK_THROWS_AS(on_message("late", [](const NodeMessage&) {}), std::logic_error);
}

}  // namespace
}  // namespace cicada::run
