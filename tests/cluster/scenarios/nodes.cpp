// SPDX-License-Identifier: Apache-2.0
// Each node tells who it is, and what it was told by others.
#include <cicada/cicada.hpp>
using namespace cicada;

static const auto tea = argument<std::string>("--tea", {.default_value = "black"});
static const auto pause_between = argument<Duration>("--pause", {.default_value = 10ms});
static const auto ask = argument<bool>("--ask");

class Looker : public HttpUser {
public:
    void look() {
        client.get("/");
        sleep(pause_between.value());
    }
    void buy() { client.get("/items/1"); }
};

static const auto lookers = users<Looker>()
                                .wait_time(constant(1ms))
                                .task<&Looker::look>({.tags = {"wanted"}})
                                .task<&Looker::buy>();

static const auto tell = events().test_start += [] {
    if (runner().role() == Runner::Role::Master) {
        log::info("role master, tea " + tea.value());
        if (ask.value()) runner().send_message("question", json_object({{"n", 7}}));
    } else {
        log::info("role worker, place " + std::to_string(runner().worker_index()) + " of " +
                  std::to_string(runner().worker_count()) + ", tea " + tea.value() + ", pause " +
                  (pause_between.value() == 20ms ? "20 ms" : "another"));
    }
};

static const auto questions = on_message("question", [](const NodeMessage& message) {
    runner().send_message("answer", json_object({{"n", message.data["n"].integer()}}));
});

// Of the first two that answer, the master introduces the second to the first.
static std::string first;
static const auto answers = on_message("answer", [](const NodeMessage& message) {
    log::info(std::string(message.from) + " answers " +
              std::to_string(message.data["n"].integer()));
    if (first.empty()) {
        first = message.from;
        return;
    }
    runner().send_message("introduction", json_object({{"to", first}}), message.from);
    runner().send_message("hello", json_object({}), "nobody");
});

static const auto introductions = on_message("introduction", [](const NodeMessage& message) {
    runner().send_message("hello", json_object({}), message.data["to"].text());
});

static const auto greetings = on_message("hello", [](const NodeMessage& message) {
    log::info(std::string(message.from) + " greets me");
});
