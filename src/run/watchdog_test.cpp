// SPDX-License-Identifier: Apache-2.0
#include "run/watchdog.hpp"

#include <doctest/doctest.h>

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

base::TimePoint at(std::chrono::milliseconds time) {
    return base::TimePoint(1h + time);
}

TEST_CASE("the watchdog names a task that holds the engine, once, and says for how long") {
    // Goal: one line when it begins to hurt, one when it is over, none between.
    // Method: pulses by hand.
    Watchdog watchdog;
    const fiber::Pulse held{7, "Shopper.compute", nullptr};
    CHECK_FALSE(watchdog.look(held, at(0ms)).has_value());
    CHECK_FALSE(watchdog.look(held, at(400ms)).has_value());
    const auto news = watchdog.look(held, at(500ms));
    REQUIRE(news.has_value());
    CHECK(news->starts_with("\"Shopper.compute\" has held the engine for more than 500 ms: "));
    CHECK_FALSE(watchdog.look(held, at(900ms)).has_value());
    CHECK(watchdog.look({8, "other", nullptr}, at(1700ms)) ==
          "\"Shopper.compute\" held the engine for 1.7 s");
    CHECK_FALSE(watchdog.look({8, "other", nullptr}, at(1800ms)).has_value());
}

TEST_CASE("an idle engine and a busy one that switches are no news") {
    // Goal: no false alarm when nothing runs for long, nor when the same task runs again and again.
    // Method: pulses by hand.
    Watchdog watchdog;
    for (int tick = 0; tick < 30; ++tick) {
        CHECK_FALSE(watchdog.look({5, nullptr, nullptr}, at(tick * 100ms)).has_value());
    }
    for (std::uint64_t tick = 0; tick < 30; ++tick) {
        CHECK_FALSE(
            watchdog.look({tick, "task", nullptr}, at(3s + static_cast<int>(tick) * 100ms)));
    }
}

TEST_CASE("the watchdog names a lock that stops everything") {
    // Goal: a deadlock is told apart from a long computation.
    // Method: a pulse that waits for a lock.
    Watchdog watchdog;
    const fiber::Pulse locked{9, "Buyer.pay", "a std::mutex"};
    CHECK_FALSE(watchdog.look(locked, at(0ms)).has_value());
    CHECK(watchdog.look(locked, at(600ms)) ==
          "\"Buyer.pay\" waits for a std::mutex, and nothing else can run: every other user waits "
          "for it");
}

}  // namespace
}  // namespace cicada::run
