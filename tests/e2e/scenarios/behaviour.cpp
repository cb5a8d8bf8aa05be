// SPDX-License-Identifier: Apache-2.0
// One user class that behaves as $BEHAVIOUR says.
#include <chrono>
#include <cicada/cicada.hpp>
#include <cstdlib>
#include <stdexcept>
#include <string>
using namespace cicada;

static bool behaviour_is(const char* name) {
    const char* const asked = std::getenv("BEHAVIOUR");
    return asked != nullptr && std::string(asked) == name;
}

class Subject : public HttpUser {
public:
    void on_start() override {
        if (behaviour_is("start_throws")) throw std::runtime_error("no ticket");
    }
    void on_stop() override {
        if (behaviour_is("slow_stop")) sleep(30s);
        if (behaviour_is("stop_requests")) client.get("/items");
    }
    void act() {
        if (behaviour_is("fail")) client.get("/status/503");
        if (behaviour_is("judge")) client.get("/").fail("not what I wanted");
        if (behaviour_is("throw")) throw std::runtime_error("broken basket");
        if (behaviour_is("three_then_stop")) {
            client.get("/");
            if (++turns_ == 3) stop_user();
        }
        if (behaviour_is("quit")) runner().quit();
        if (behaviour_is("stop_run")) runner().stop();
        if (behaviour_is("exit_code")) {
            runner().exit_code(42);
            runner().quit();
        }
        if (behaviour_is("hold_engine")) hold_engine();
        if (behaviour_is("slow")) client.get("/slow?ms=600", {.name = "/slow"});
        if (behaviour_is("two_slow")) {
            client.get("/slow?ms=400", {.name = "/slow"});
            client.get("/slow?ms=400", {.name = "/slow"});
        }
        sleep(20ms);
    }

private:
    void hold_engine() {
        const auto end = std::chrono::steady_clock::now() + 900ms;
        while (std::chrono::steady_clock::now() < end) {
        }
        runner().quit();
    }

    int turns_ = 0;
};
static const auto subjects = users<Subject>().task<&Subject::act>();

static void say(const char* what) {
    if (behaviour_is("events")) log::info(what);
}
static const auto on_init = events().init += [] {
    say("event: init");
    if (behaviour_is("init_throws")) throw std::runtime_error("no database");
};
static const auto on_test_start = events().test_start += [] { say("event: test_start"); };
static const auto on_spawned = events().spawning_complete +=
    [](const SpawningCompleteEvent& event) {
        if (event.user_count == 3) say("event: spawning_complete 3");
    };
static const auto on_stopping = events().test_stopping += [] { say("event: test_stopping"); };
static const auto on_test_stop = events().test_stop += [] {
    say("event: test_stop");
    if (behaviour_is("listener_throws")) throw std::runtime_error("bad listener");
};
static const auto on_quitting = events().quitting += [] { say("event: quitting"); };
static const auto on_quit = events().quit += [](const QuitEvent& event) {
    if (event.exit_code == 0) say("event: quit 0");
};
