// SPDX-License-Identifier: Apache-2.0
#include "user/gate.hpp"

#include <doctest/doctest.h>

#include "fiber/scheduler.hpp"

namespace cicada::user {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a closed gate holds whoever comes, and the clock behind it") {
    // Goal: pass() waits while it is closed, and at no other time; the sum of the pauses is known
    // while they last. Method: two pauses in virtual time.
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([] {
        Gate gate;
        int passed = 0;
        const base::TimePoint begin = fiber::now();
        const fiber::Handle one = fiber::start([&] {
            while (true) {
                gate.pass();
                ++passed;
                fiber::sleep_for(1s);
            }
        });
        fiber::sleep_until(begin + 2500ms);
        CHECK(passed == 3);
        gate.close(fiber::now());
        gate.close(fiber::now());
        fiber::sleep_until(begin + 10'500ms);
        CHECK(passed == 3);
        CHECK(gate.closed_for(fiber::now()) == 8s);
        gate.open(fiber::now());
        gate.open(fiber::now());
        fiber::sleep_until(begin + 12'400ms);
        CHECK(passed == 5);
        gate.close(fiber::now());
        fiber::sleep_until(begin + 13'400ms);
        CHECK(gate.closed_for(fiber::now()) == 9s);
        gate.reset();
        CHECK(gate.closed_for(fiber::now()) == 0s);
        CHECK_FALSE(gate.closed());
    });
}

}  // namespace
}  // namespace cicada::user
