// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cicada/fiber.hpp"
#include "cicada/sync.hpp"
#include "fiber/scheduler.hpp"
#include "fiber/test_virtual_time.hpp"

namespace cicada {

using namespace std::chrono_literals;
using fiber::Handle;
using fiber::in_virtual_time;

namespace {

/// How a call that waits ends when its fiber is cancelled after a second: "cancelled", or else.
std::string end_of(const std::function<void()>& wait) {
    std::string end = "never";
    in_virtual_time([&] {
        Handle waiter = fiber::start([&] {
            try {
                wait();
                end = "returned";
            } catch (const FiberCancelled&) {
                end = "cancelled";
                throw;
            } catch (const std::exception& error) {
                end = error.what();
            }
        });
        fiber::sleep_for(1s);
        waiter.cancel();
        waiter.join();
    });
    return end;
}

}  // namespace

// Goal: no suspension point of ours keeps a cancelled fiber. Method: each of them, cancelled while
// it waits.
TEST_CASE("cancellation ends every wait") {
    CHECK(end_of([] { cicada::sleep(1h); }) == "cancelled");
    CHECK(end_of([] { fiber::sleep_for(1h); }) == "cancelled");
    CHECK(end_of([] {
              while (true) {
                  fiber::yield();
                  fiber::sleep_for(1ms);
              }
          }) == "cancelled");
    CHECK(end_of([] { Semaphore(0).acquire(); }) == "cancelled");
    CHECK(end_of([] { Event().wait(); }) == "cancelled");
    CHECK(end_of([] {
              Mutex mutex;
              mutex.lock();
              Fiber other = spawn([&] { mutex.lock(); });
              other.join();
          }) == "cancelled");
    CHECK(end_of([] {
              Channel<int> channel(1);
              channel.send(1);
              channel.send(2);
          }) == "cancelled");
    CHECK(end_of([] {
              Channel<int> channel(1);
              (void)channel.receive();
          }) == "cancelled");
    CHECK(end_of([] {
              Fiber other = spawn([] { cicada::sleep(1h); });
              other.join();
          }) == "cancelled");
    CHECK(end_of([] {
              Handle other = fiber::start([] { fiber::sleep_for(1h); });
              other.join();
          }) == "cancelled");
}

TEST_CASE("a cancelled wait leaves nothing behind in what it waited for") {
    in_virtual_time([] {
        Semaphore semaphore(0);
        Handle first = fiber::start([&] { semaphore.acquire(); });
        bool second_served = false;
        Handle second = fiber::start([&] {
            semaphore.acquire();
            second_served = true;
        });
        fiber::yield();
        first.cancel();
        fiber::yield();
        semaphore.release();
        fiber::yield();
        CHECK(second_served);
        second.join();
    });
}

// Goal: `catch (...) {}` does not save a fiber. Method: it swallows, and meets it again.
TEST_CASE("cancellation is met again when it was swallowed") {
    int swallowed = 0;
    in_virtual_time([&] {
        Handle stubborn = fiber::start([&] {
            for (int i = 0; i < 3; ++i) {
                try {
                    fiber::sleep_for(1h);
                } catch (...) {
                    ++swallowed;
                }
            }
        });
        fiber::yield();
        stubborn.cancel();
        stubborn.join();
    });
    CHECK(swallowed == 3);
}

TEST_CASE("a catch block may wait, and meets the cancellation there") {
    CHECK(end_of([] {
              try {
                  throw std::runtime_error("first");
              } catch (const std::exception&) {
                  cicada::sleep(1h);
              }
          }) == "cancelled");
}

// Goal: a destructor that waits, on the way out or in ordinary flow, never ends the process.
// Method: both, cancelled in the middle; the wait of the destructor is then carried through.
TEST_CASE("cancellation does not throw from a destructor") {
    std::string steps;
    struct Slow {
        std::string& steps;
        const char* name;
        ~Slow() {
            fiber::sleep_for(2s);
            steps += std::string(name) + " ended; ";
        }
    };
    in_virtual_time([&] {
        Handle ordinary = fiber::start([&] {
            { const Slow slow{steps, "ordinary flow"}; }
            steps += "still cancelled: ";
            try {
                fiber::sleep_for(1s);
            } catch (const FiberCancelled&) {
                steps += "yes; ";
                throw;
            }
        });
        Handle unwinding = fiber::start([&] {
            const Slow slow{steps, "unwinding"};
            throw std::runtime_error("boom");
        });
        fiber::sleep_for(1s);
        ordinary.cancel();
        unwinding.cancel();
        ordinary.join();
        CHECK_THROWS_AS(unwinding.join(), std::runtime_error);
    });
    CHECK(steps == "ordinary flow ended; still cancelled: yes; unwinding ended; ");
}

TEST_CASE("a destructor may catch its own cancellation") {
    std::string steps;
    struct Careful {
        std::string& steps;
        ~Careful() {
            try {
                fiber::sleep_for(1h);
            } catch (...) {
                steps += "caught";
            }
        }
    };
    in_virtual_time([&] {
        Handle waiter = fiber::start([&] { const Careful careful{steps}; });
        fiber::yield();
        waiter.cancel();
        waiter.join();
    });
    CHECK(steps == "caught");
}

TEST_CASE("a noexcept function is not left by an exception either") {
    bool carried_through = false;
    const auto careful = []() noexcept { fiber::sleep_for(5s); };
    in_virtual_time([&] {
        Handle waiter = fiber::start([&] {
            careful();
            carried_through = true;
        });
        fiber::sleep_for(1s);
        waiter.cancel();
        waiter.join();
    });
    CHECK(carried_through);
}

TEST_CASE("a shield holds cancellation back until it is gone") {
    std::string steps;
    in_virtual_time([&] {
        Handle waiter = fiber::start([&] {
            {
                const fiber::Shield shield;
                fiber::sleep_for(5s);
                steps += "shielded ";
            }
            fiber::sleep_for(5s);
            steps += "after";
        });
        fiber::sleep_for(1s);
        waiter.cancel();
        waiter.join();
    });
    CHECK(steps == "shielded ");
}

// Goal: what is on the wire at a stop may finish, within the drain time. Method: one exchange that
// is done in time and one that is not.
TEST_CASE("a drain scope outlives a cancellation by the drain time and no longer") {
    std::string steps;
    in_virtual_time([&] {
        const auto exchange = [&](const char* name, std::chrono::nanoseconds time) {
            return [&steps, name, time] {
                const fiber::DrainScope drain;
                fiber::sleep_for(time);
                steps += name;
            };
        };
        const fiber::TimePoint begin = fiber::now();
        Handle quick = fiber::start(exchange("quick ", 2500ms));
        Handle slow = fiber::start(exchange("slow ", 1h));
        fiber::sleep_for(1s);
        quick.cancel(2s);
        slow.cancel(2s);
        quick.join();
        slow.join();
        CHECK(fiber::now() - begin == 3s);
    });
    CHECK(steps == "quick ");
}

// Goal: an exception never leaves a C call. Method: libc's sleeps, cancelled; they return early
// and say so in their own way.
TEST_CASE("interposed sleeps return early when their fiber is cancelled") {
    const auto interrupted_call = [](const std::function<std::string()>& call) {
        std::string result;
        in_virtual_time([&] {
            Handle waiter = fiber::start([&] { result = call(); });
            fiber::sleep_for(1s);
            waiter.cancel();
            waiter.join();
        });
        return result;
    };
    CHECK(interrupted_call([] { return std::to_string(::sleep(10)); }) == "9");
    CHECK(interrupted_call([] {
              const int result = ::usleep(900'000'000);
              return std::to_string(result) + (errno == EINTR ? " EINTR" : "");
          }) == "-1 EINTR");
    CHECK(interrupted_call([] {
              const timespec time{10, 0};
              timespec left{};
              const int result = ::nanosleep(&time, &left);
              return std::to_string(result) + " " + std::to_string(left.tv_sec);
          }) == "-1 9");
    CHECK(interrupted_call([] {
              const timespec time{10, 0};
              return ::clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr) == EINTR ? "EINTR" : "0";
          }) == "EINTR");
}

TEST_CASE("interposed sleeps let the others run") {
    std::string steps;
    in_virtual_time([&] {
        Handle a = fiber::start([&] {
            ::sleep(2);
            steps += "a";
        });
        Handle b = fiber::start([&] {
            ::usleep(1'000'000);
            steps += "b";
        });
        Handle c = fiber::start([&] {
            const timespec time{3, 0};
            ::nanosleep(&time, nullptr);
            steps += "c";
        });
        a.join();
        b.join();
        c.join();
    });
    CHECK(steps == "bac");
}

TEST_CASE("a timeout is told from cancellation, and its own is told from an outer one") {
    in_virtual_time([] {
        Timeout outer(10s);
        {
            Timeout inner(1s);
            CHECK_THROWS_WITH_AS(
                cicada::sleep(5s), "the timeout of 1 s has expired", TimeoutExpired);
            CHECK(inner.expired());
            CHECK(!outer.expired());
            CHECK_THROWS_AS(cicada::sleep(1s), TimeoutExpired);  // for as long as it stands
        }
        cicada::sleep(1s);
        {
            Timeout inner(1h);
            CHECK_THROWS_WITH_AS(
                cicada::sleep(30s), "the timeout of 10 s has expired", TimeoutExpired);
            CHECK(!inner.expired());
            CHECK(outer.expired());
        }
        CHECK_THROWS_AS(cicada::sleep(1s), TimeoutExpired);
    });
}

TEST_CASE("when both have come, cancellation goes before a timeout") {
    CHECK(end_of([] {
              Timeout limit(500ms);
              try {
                  cicada::sleep(1h);
              } catch (const TimeoutExpired&) {
                  const fiber::Shield shield;
                  fiber::sleep_for(5s);
              }
              cicada::sleep(1h);
          }) == "cancelled");
}

TEST_CASE("a shield holds back older timeouts, not those armed inside") {
    in_virtual_time([] {
        Timeout older(1s);
        {
            const fiber::Shield shield;
            cicada::sleep(2s);
            Timeout inside(1s);
            CHECK_THROWS_WITH_AS(
                cicada::sleep(5s), "the timeout of 1 s has expired", TimeoutExpired);
        }
        CHECK_THROWS_AS(cicada::sleep(1ms), TimeoutExpired);
    });
}

TEST_CASE("public fibers: a body that refers to its scope does not outlive it") {
    std::string steps;
    in_virtual_time([&] {
        try {
            std::string local = "alive";
            const Fiber other = spawn([&] {
                struct Note {
                    std::string& steps;
                    std::string& local;
                    ~Note() { steps += local; }
                } note{steps, local};
                cicada::sleep(1h);
            });
            cicada::sleep(1ms);
            throw std::runtime_error("out of here");
        } catch (const std::runtime_error&) {
            steps += " then caught";
        }
    });
    CHECK(steps == "alive then caught");
}

TEST_CASE("join(...) throws the first exception and takes the others along") {
    in_virtual_time([] {
        Fiber quick = spawn([] { cicada::sleep(1ms); });
        Fiber fails = spawn([] {
            cicada::sleep(2ms);
            throw std::runtime_error("broken");
        });
        CHECK_THROWS_WITH_AS(join(quick, fails), "broken", std::runtime_error);
    });
}

}  // namespace cicada
