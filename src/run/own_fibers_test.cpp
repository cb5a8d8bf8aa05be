// SPDX-License-Identifier: Apache-2.0
#include "run/own_fibers.hpp"

#include <doctest/doctest.h>

#include <cicada/fiber.hpp>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "user/listeners.hpp"

namespace cicada::run {
namespace {

/// Returns how many fibers are left beside the one that ran `body`, when it has returned.
std::size_t in_virtual_time(const std::function<void(OwnFibers&)>& body) {
    user::listeners().clear();
    std::size_t left = 0;
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([&] {
        OwnFibers fibers;
        body(fibers);
        left = scheduler.fiber_count() - 1;
    });
    return left;
}

TEST_CASE("fibers of the run's own go on beside everything until they are ended") {
    // Goal: background() loops, and none outlives the test. Method: count their rounds.
    int rounds = 0;
    in_virtual_time([&](OwnFibers& fibers) {
        for (int i = 0; i < 3; ++i) {
            fibers.start(
                [&rounds] {
                    while (true) {
                        sleep(1s);
                        ++rounds;
                    }
                },
                "loop");
        }
        fibers.start([] {}, "short");
        fiber::sleep_for(10s + 1ms);
        CHECK(rounds == 30);
        fibers.end();
        fiber::sleep_for(10s);
        CHECK(rounds == 30);
    });
}

TEST_CASE("what a fiber of the run's own starts while it is ended ends too") {
    // Goal: end() leaves nothing behind. Method: a fiber that starts another as it unwinds.
    bool started_another = false;
    const std::size_t left = in_virtual_time([&](OwnFibers& fibers) {
        fibers.start(
            [&] {
                try {
                    sleep(kForever);
                } catch (const FiberCancelled&) {
                    fibers.start([] { sleep(kForever); }, "second");
                    started_another = true;
                    throw;
                }
            },
            "first");
        fiber::sleep_for(1s);
        fibers.end();
    });
    CHECK(started_another);
    CHECK(left == 0);
}

TEST_CASE("an exception of a fiber of the run's own is logged and noted") {
    // Goal: the exit code tells. Method: throw; also look whose fiber it is.
    std::vector<std::string> log;
    base::set_log_writer([&log](const base::LogLine& line) { log.push_back(line.text); });
    in_virtual_time([&](OwnFibers& fibers) {
        int user = 0;
        fiber::local() = &user;
        fibers.start([] { CHECK(fiber::local() == nullptr); }, "whose");
        fibers.start([] { throw std::runtime_error("no database"); }, "runner().background()");
        fiber::sleep_for(1s);
        fiber::local() = nullptr;
        fibers.end();
    });
    base::set_log_writer({});
    CHECK(user::listeners().any_threw());
    CHECK(log ==
          std::vector<std::string>{"runner().background() threw std::runtime_error: no database"});
    user::listeners().clear();
}

}  // namespace
}  // namespace cicada::run
