// SPDX-License-Identifier: Apache-2.0
#include "fiber/scheduler.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "cicada/fiber.hpp"
#include "fiber/test_virtual_time.hpp"

namespace cicada::fiber {

using namespace std::chrono_literals;

// Goal: fibers take turns where they suspend and nowhere else. Method: each writes its steps.
TEST_CASE("fibers take turns at suspension points, in the order they were started") {
    std::string steps;
    in_virtual_time([&] {
        Handle a = start([&] {
            steps += "a1 ";
            yield();
            steps += "a2 ";
        });
        Handle b = start([&] {
            steps += "b1 ";
            yield();
            steps += "b2 ";
        });
        a.join();
        b.join();
    });
    CHECK(steps == "a1 b1 a2 b2 ");
}

// Goal: a second of virtual time costs none, and timers ring at their exact time, in order.
TEST_CASE("virtual time jumps to the next timer") {
    std::vector<std::pair<std::string, nanoseconds>> rings;
    in_virtual_time([&] {
        const TimePoint start_time = now();
        std::vector<Handle> sleepers;
        for (const nanoseconds delay :
             {nanoseconds(3h), nanoseconds(1ns), nanoseconds(70us), nanoseconds(1s)}) {
            sleepers.push_back(start([&, delay] {
                sleep_for(delay);
                rings.emplace_back(std::to_string(delay.count()), now() - start_time);
            }));
        }
        for (Handle& sleeper : sleepers) sleeper.join();
    });
    REQUIRE(rings.size() == 4);
    CHECK(rings[0].second == 1ns);
    CHECK(rings[1].second == 70us);
    CHECK(rings[2].second == 1s);
    CHECK(rings[3].second == 3h);
}

// Goal: a program that can never go on is told so instead of hanging. Method: a join of oneself in
// a circle: a fiber that waits for ever for another that does.
TEST_CASE("virtual time with nothing left to run is an error") {
    Scheduler scheduler({.clock = ClockKind::Virtual});
    CHECK_THROWS_WITH_AS(scheduler.run([] {
        Handle sleeper = start([] { sleep_until(TimePoint::max()); });
        sleeper.join();
    }),
                         "in virtual time, every fiber waits and no timer is left",
                         std::runtime_error);
}

// Goal: who goes on for ever without a wait does not hang the program. Method: two fibers that only
// yield, beside one that waits for a later moment.
TEST_CASE("virtual time that stands still is an error that names who runs") {
    Scheduler scheduler({.clock = ClockKind::Virtual, .most_switches_at_once = 5'000});
    CHECK_THROWS_WITH_AS(scheduler.run([] {
        const Handle sleeper = start([] { sleep_for(std::chrono::hours(1)); });
        const Handle spinner = start(
            [] {
                while (true) yield();
            },
            {.label = "spinner"});
        sleep_for(std::chrono::hours(2));
    }),
                         "in virtual time, spinner goes on for ever: neither it nor anybody else "
                         "waits",
                         std::runtime_error);
}

// Goal: two fibers that suspend inside their catch blocks keep their own exceptions; the C++
// runtime knows only of threads. Method: the mix-up of two rethrows, and errno beside it.
TEST_CASE("exceptions in flight and errno belong to the fiber") {
    std::vector<std::string> caught;
    const auto body = [&](const char* name, int number) {
        return [&caught, name, number] {
            try {
                try {
                    throw std::runtime_error(name);
                } catch (...) {
                    errno = number;
                    yield();
                    CHECK(errno == number);
                    throw;
                }
            } catch (const std::exception& error) {
                caught.emplace_back(std::string(name) + " caught " + error.what());
            }
        };
    };
    in_virtual_time([&] {
        Handle a = start(body("A", 7));
        Handle b = start(body("B", 9));
        a.join();
        b.join();
    });
    CHECK(caught == std::vector<std::string>{"A caught A", "B caught B"});
}

TEST_CASE("join throws what the body threw, run what main threw") {
    in_virtual_time([] {
        Handle thrower = start([] { throw std::runtime_error("no tea"); });
        CHECK_THROWS_WITH_AS(thrower.join(), "no tea", std::runtime_error);
        CHECK(!thrower);
    });
    CHECK_THROWS_WITH_AS(in_virtual_time([] { throw std::runtime_error("nor coffee"); }),
                         "nor coffee",
                         std::runtime_error);
}

// Goal: nothing that is cancelled goes on behind its handle's back.
TEST_CASE("a handle that goes cancels its fiber and waits until it has unwound") {
    std::string steps;
    in_virtual_time([&] {
        struct Note {
            std::string& steps;
            ~Note() {
                sleep_for(1s);  // a destructor that suspends while it unwinds
                steps += "unwound ";
            }
        };
        {
            const Handle sleeper = start([&] {
                const Note note{steps};
                sleep_for(1h);
                steps += "slept ";
            });
            yield();
        }
        steps += "gone";
    });
    CHECK(steps == "unwound gone");
}

TEST_CASE("run returns when the last fiber has ended, not only main") {
    bool ended = false;
    in_virtual_time([&] {
        start([&] {
            sleep_for(5s);
            ended = true;
        }).detach();
    });
    CHECK(ended);
}

TEST_CASE("local() is inherited and does not move") {
    in_virtual_time([] {
        int user = 0;
        local() = &user;
        void** const where = &local();
        Handle child = start([&] {
            CHECK(local() == &user);
            local() = nullptr;
        });
        child.join();
        CHECK(local() == &user);
        CHECK(where == &local());
    });
}

TEST_CASE("a suspension outside a fiber is an error that names the call") {
    CHECK_THROWS_WITH_AS(sleep_for(1s), "sleep is used outside a user's fiber", std::logic_error);
}

TEST_CASE("many fibers, one after another and at once, and their stacks are used again") {
    in_virtual_time([] {
        int ended = 0;
        for (int round = 0; round < 3; ++round) {
            std::vector<Handle> fibers;
            for (int i = 0; i < 3000; ++i) {
                fibers.push_back(start([&] {
                    sleep_for(1ms);
                    ++ended;
                }));
            }
            for (Handle& fiber : fibers) fiber.join();
        }
        CHECK(ended == 9000);
    });
}

TEST_CASE("every kind of guard carries fibers") {
    for (const GuardKind guards : {GuardKind::Madvise, GuardKind::Mprotect, GuardKind::Canary}) {
        Scheduler scheduler(
            {.clock = ClockKind::Virtual, .guards = guards, .stack_size = 64 * 1024});
        int sum = 0;
        scheduler.run([&] {
            std::vector<Handle> fibers;
            for (int i = 0; i < 300; ++i) {
                fibers.push_back(start([&, i] {
                    volatile char frame[32 * 1024];
                    frame[0] = 1;
                    yield();
                    sum += frame[0] * i;
                }));
            }
            for (Handle& fiber : fibers) fiber.join();
        });
        CHECK(sum == 300 * 299 / 2);
        CHECK(scheduler.options().guards == guards);
    }
}

}  // namespace cicada::fiber
