// SPDX-License-Identifier: Apache-2.0
#include "run/engine_thread.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cicada/events.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "run/test_events.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

TEST_CASE("an engine has the descriptors the machine allows, whatever kind of node it is of") {
    // Goal: a worker or a master gets as many connections as a run of one process. Method: the
    // limit is low before, as a shell's is.
    const Events events;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit low{.rlim_cur = 256, .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    Bell bell;
    const EngineThread thread({}, {.io = fiber::IoKind::Epoll}, {}, bell);
    rlimit after{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
    CHECK(after.rlim_cur == before.rlim_max);
    CHECK(thread.resources().descriptors == before.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("an engine's thread lives from its init listeners to its quit listeners") {
    // Goal: whoever controls it hears of reports by the bell; the end hands over the exit code.
    // Method: no user class at all; init, leave, end, on a real thread.
    const Events events;
    std::vector<std::string> called;
    cicada::events().init += [&called] { called.emplace_back("init"); };
    cicada::events().quitting += [&called] { called.emplace_back("quitting"); };
    cicada::events().quit += [&called](const QuitEvent& event) {
        called.push_back("quit " + std::to_string(event.exit_code));
    };
    Bell bell;
    EngineThread thread({}, {.io = fiber::IoKind::Epoll}, {}, bell);
    CHECK(called == std::vector<std::string>{"init"});
    thread.engine().leave();
    bool left = false;
    const auto deadline = base::steady_now() + 10s;
    while (!left && base::steady_now() < deadline) {
        bell.wait_until(deadline);
        while (const auto report = thread.take_report()) left = report->has_left;
    }
    CHECK(left);
    CHECK(thread.look(base::steady_now()).held == 0ns);
    thread.end(7);
    CHECK(called == std::vector<std::string>{"init", "quitting", "quit 7"});
}

TEST_CASE("an engine that nobody has ended ends with its owner") {
    // Goal: an error in what is built after the engine leaves no thread behind.
    // Method: the destructor alone.
    const Events events;
    int exit_code = -1;
    cicada::events().quit += [&exit_code](const QuitEvent& event) { exit_code = event.exit_code; };
    Bell bell;
    { const EngineThread thread({}, {.io = fiber::IoKind::Epoll}, {}, bell); }
    CHECK(exit_code == 0);
}

TEST_CASE("an engine whose init listener throws is refused") {
    // Goal: the program says so instead of running half a test. Method: one that throws.
    const Events events;
    cicada::events().init += [] { throw std::runtime_error("no licence"); };
    Bell bell;
    CHECK_THROWS_WITH_AS(EngineThread({}, {.io = fiber::IoKind::Epoll}, {}, bell),
                         "a listener to events().init threw, see above",
                         base::Error);
    REQUIRE(events.log.size() == 1);
    CHECK(events.log.front().find("no licence") != std::string::npos);
}

}  // namespace
}  // namespace cicada::run
