// SPDX-License-Identifier: Apache-2.0
// Two classes, under the names that buyers.py has too; a task of a known length; messages.
#include <cicada/cicada.hpp>
using namespace cicada;

static const auto tea = argument<std::string>("--tea", {.default_value = "black"});

class Buyer : public HttpUser {
public:
    void buy() {
        client.get("/items/" + std::to_string(random_int(1, 100)), {.name = "/items/[id]"});
    }
};

class Looker : public HttpUser {
public:
    void look() { client.get("/"); }
};

// A task of 0.2 s, which a stop may or may not let end.
class Slow : public HttpUser {
public:
    void work() {
        sleep(200ms);
        client.get("/");
    }
};

class Thrower : public HttpUser {
public:
    void throw_something() { throw std::runtime_error("no tea"); }
};

static const auto buyers = users<Buyer>().wait_time(constant(10ms)).task<&Buyer::buy>();
static const auto lookers = users<Looker>().wait_time(constant(10ms)).task<&Looker::look>();
static const auto slow = users<Slow>().wait_time(constant(10s)).task<&Slow::work>();
static const auto throwers =
    users<Thrower>().wait_time(constant(1s)).task<&Thrower::throw_something>();

static const auto place = events().test_start += [] {
    log::info("place " + std::to_string(runner().worker_index()) + " of " +
              std::to_string(runner().worker_count()) + ", tea " + tea.value());
};

static const auto questions = on_message("question", [](const NodeMessage& message) {
    log::info(std::string(message.from) + " asks");
    runner().send_message("answer", json_object({{"to", message.data["n"].integer()}}));
});
