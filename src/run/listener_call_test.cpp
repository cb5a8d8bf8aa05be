// SPDX-License-Identifier: Apache-2.0
#include "run/listener_call.hpp"

#include <doctest/doctest.h>

#include <cicada/events.hpp>
#include <cicada/fiber.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "run/test_events.hpp"

namespace cicada::run {
namespace {

using user::EventKind;
using Outcome = ListenerCall::Outcome;

/// What making the call of test_start came to, and how many seconds it took.
std::pair<Outcome, double> make(ListenerCall& call) {
    std::pair<Outcome, double> result;
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([&] {
        const auto begin = fiber::now();
        const TestStartEvent event;
        result.first = call.make(EventKind::TestStart, &event);
        result.second = std::chrono::duration<double>(fiber::now() - begin).count();
    });
    return result;
}

TEST_CASE("the run waits for listeners that block") {
    // Goal: a listener may fetch something first. Method: two that sleep, one after the other.
    Events events;
    ListenerCall call(60s);
    cicada::events().test_start += [] { sleep(20s); };
    cicada::events().test_start += [] { sleep(30s); };
    CHECK(make(call) == std::pair(Outcome::Returned, 50.0));
    CHECK_FALSE(user::listeners().any_threw());
    CHECK(events.log.empty());
}

TEST_CASE("listeners that never return are cancelled") {
    // Goal: a run ends, and says who kept it. Method: one that waits for ever, swallowing nothing.
    Events events;
    ListenerCall call(90s);
    bool unwound = false;
    cicada::events().test_start += [&unwound] {
        const auto leave = [&unwound](void*) { unwound = true; };
        int place = 0;
        const std::unique_ptr<int, decltype(leave)> scope(&place, leave);
        sleep(kForever);
    };
    CHECK(make(call) == std::pair(Outcome::TooLate, 90.0));
    CHECK(unwound);
    CHECK(user::listeners().any_threw());
    CHECK(events.log ==
          std::vector<std::string>{"the listeners of test_start have not returned within 1m30s "
                                   "(--listener-timeout)"});
}

TEST_CASE("a stop does not wait for listeners") {
    // Goal: whoever stops a test that is still starting is obeyed at once.
    Events events;
    ListenerCall call(60s);
    cicada::events().test_start += [&call] {
        const fiber::Handle stop = fiber::start([&call] { call.cancel(); });
        sleep(30s);
    };
    CHECK(make(call) == std::pair(Outcome::Returned, 0.0));
    CHECK_FALSE(user::listeners().any_threw());
}

TEST_CASE("nobody listens: no fiber is started") {
    Events events;
    ListenerCall call(60s);
    CHECK(make(call) == std::pair(Outcome::Returned, 0.0));
}

}  // namespace
}  // namespace cicada::run
