// SPDX-License-Identifier: Apache-2.0
#include "run/watchdog.hpp"

#include <doctest/doctest.h>

namespace cicada::run {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

base::TimePoint at(std::chrono::milliseconds time) {
    return base::TimePoint(1h + time);
}

TEST_CASE("the watchdog names a task that holds the engine, once, and says for how long") {
    // Goal: one line when it begins to hurt, one when it is over, none between.
    // Method: pulses by hand.
    Watchdog watchdog;
    const fiber::Pulse held{.switches = 7, .label = "Shopper.compute"};
    CHECK(watchdog.look(held, at(0ms)).empty());
    CHECK(watchdog.look(held, at(400ms)).empty());
    const Lines news = watchdog.look(held, at(500ms));
    REQUIRE(news.size() == 1);
    CHECK(news[0].starts_with("\"Shopper.compute\" has held the engine for more than 500 ms: "));
    CHECK(watchdog.look(held, at(900ms)).empty());
    const fiber::Pulse other{.switches = 8, .label = "other"};
    CHECK(watchdog.look(other, at(1700ms)) ==
          Lines{"\"Shopper.compute\" held the engine for 1.7 s"});
    CHECK(watchdog.look(other, at(1800ms)).empty());
    CHECK(watchdog.take_holds() == std::vector<std::chrono::nanoseconds>{1700ms});
    CHECK(watchdog.take_holds().empty());
}

TEST_CASE("an idle engine and a busy one that switches are no news") {
    // Goal: no false alarm when nothing runs for long, nor when the same task runs again and again.
    // Method: pulses by hand.
    Watchdog watchdog;
    for (int tick = 0; tick < 30; ++tick) {
        CHECK(watchdog.look({.switches = 5}, at(tick * 100ms)).empty());
    }
    for (unsigned tick = 0; tick < 30; ++tick) {
        const fiber::Pulse busy{.switches = tick, .label = "task"};
        CHECK(watchdog.look(busy, at(3s + tick * 100ms)).empty());
    }
}

TEST_CASE("the watchdog names a lock that is not given back") {
    // Goal: a std::mutex held over a request is told, once, though the fibers that retry it switch.
    // Method: pulses by hand; a lock that is free at one look is no news.
    Watchdog watchdog;
    fiber::Pulse pulse{.lock_waits = 3, .lock = "a mutex", .lock_waiter = "Buyer.pay"};
    CHECK(watchdog.look(pulse, at(0ms)).empty());
    CHECK(watchdog.look({}, at(100ms)).empty());
    CHECK(watchdog.look(pulse, at(200ms)).empty());
    CHECK(
        watchdog.look(pulse, at(700ms)) ==
        Lines{"Waiting for a mutex for more than 500 ms: 3 fibers, \"Buyer.pay\" among them. Is it "
              "held over a request or a wait? Use cicada::Mutex there"});
    CHECK(watchdog.look(pulse, at(900ms)).empty());
    CHECK(watchdog.look({}, at(1200ms)) ==
          Lines{"The lock that \"Buyer.pay\" waited for came after 1.0 s"});
}

}  // namespace
}  // namespace cicada::run
