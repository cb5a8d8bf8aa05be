// SPDX-License-Identifier: Apache-2.0
#include "cicada/sync.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "cicada/fiber.hpp"
#include "fiber/scheduler.hpp"
#include "fiber/test_virtual_time.hpp"

namespace cicada {

using namespace std::chrono_literals;
using fiber::in_virtual_time;

TEST_CASE("a semaphore admits as many as it has permits, first come, first served") {
    std::string order;
    int inside = 0;
    int most_inside = 0;
    in_virtual_time([&] {
        Semaphore semaphore(2);
        std::vector<Fiber> fibers;
        for (char name = 'a'; name < 'g'; ++name) {
            fibers.push_back(spawn([&, name] {
                semaphore.acquire();
                order += name;
                most_inside = std::max(most_inside, ++inside);
                cicada::sleep(1s);
                --inside;
                semaphore.release();
            }));
        }
        for (Fiber& fiber : fibers) fiber.join();
    });
    CHECK(order == "abcdef");
    CHECK(most_inside == 2);
    CHECK_THROWS_WITH(Semaphore(-1), "Semaphore: the number of permits is negative");
}

TEST_CASE("an event wakes all who wait, and who comes later does not wait") {
    int woken = 0;
    in_virtual_time([&] {
        Event event;
        Fiber a = spawn([&] {
            event.wait();
            ++woken;
        });
        Fiber b = spawn([&] {
            event.wait();
            ++woken;
        });
        cicada::sleep(1s);
        CHECK(woken == 0);
        event.set();
        join(a, b);
        event.wait();
        event.clear();
        CHECK(!event.is_set());
    });
    CHECK(woken == 2);
}

TEST_CASE("a mutex excludes, fits std::lock_guard, and is handed on in order") {
    std::string steps;
    in_virtual_time([&] {
        Mutex mutex;
        const auto body = [&](char name) {
            return [&, name] {
                const std::lock_guard lock(mutex);
                steps += name;
                cicada::sleep(1s);
                steps += name;
            };
        };
        Fiber a = spawn(body('a'));
        Fiber b = spawn(body('b'));
        Fiber c = spawn(body('c'));
        join(a, b, c);
        mutex.lock();
        CHECK_THROWS_WITH(mutex.lock(), "Mutex::lock: this fiber holds it already");
        mutex.unlock();
    });
    CHECK(steps == "aabbcc");
}

TEST_CASE("a channel keeps order and its limit, and drains after it was closed") {
    std::string received;
    std::size_t sent = 0;
    in_virtual_time([&] {
        Channel<std::unique_ptr<int>> channel(3);
        Fiber sender = spawn([&] {
            for (int i = 0; i < 10; ++i) {
                channel.send(std::make_unique<int>(i));
                ++sent;
            }
            channel.close();
        });
        cicada::sleep(1s);
        CHECK(sent == 3);
        while (const auto item = channel.receive()) received += std::to_string(**item);
        sender.join();
        CHECK_THROWS_WITH(channel.send(nullptr), "Channel::send: the channel is closed");
    });
    CHECK(received == "0123456789");
}

TEST_CASE("many senders and receivers neither lose nor double an item") {
    std::vector<int> seen(1000, 0);
    in_virtual_time([&] {
        Channel<int> channel(7);
        std::vector<Fiber> fibers;
        for (int sender = 0; sender < 10; ++sender) {
            fibers.push_back(spawn([&, sender] {
                for (int i = 0; i < 100; ++i) {
                    channel.send(sender * 100 + i);
                    if (i % 3 == 0) cicada::sleep(1ms);
                }
            }));
        }
        std::vector<Fiber> receivers;
        for (int i = 0; i < 5; ++i) {
            receivers.push_back(spawn([&] {
                while (const auto item = channel.receive()) ++seen[static_cast<std::size_t>(*item)];
            }));
        }
        for (Fiber& fiber : fibers) fiber.join();
        channel.close();
        for (Fiber& fiber : receivers) fiber.join();
    });
    CHECK(seen == std::vector<int>(1000, 1));
}

// Goal: ordinary C++ does not hang the engine. Method: a std::mutex held while its fiber sleeps,
// wanted by another of the same thread.
TEST_CASE("a std::mutex held over a wait makes the others wait, not the thread") {
    std::string steps;
    in_virtual_time([&] {
        std::mutex mutex;
        const auto body = [&](char name) {
            return [&, name] {
                const std::lock_guard lock(mutex);
                steps += name;
                cicada::sleep(1s);
                steps += name;
            };
        };
        Fiber a = spawn(body('a'));
        Fiber b = spawn(body('b'));
        join(a, b);
    });
    CHECK(steps == "aabb");
}

namespace {

int slow_value() {
    cicada::sleep(1s);
    return 42;
}

int shared_value() {
    static const int value = slow_value();
    return value;
}

int throwing_value(int& tries) {
    static const int value = [&]() -> int {
        cicada::sleep(1s);
        if (++tries < 2) throw std::runtime_error("not yet");
        return tries;
    }();
    return value;
}

}  // namespace

TEST_CASE("a static local whose initialiser suspends is initialised once, by one fiber") {
    in_virtual_time([] {
        int first = 0;
        int second = 0;
        Fiber a = spawn([&] { first = shared_value(); });
        Fiber b = spawn([&] { second = shared_value(); });
        join(a, b);
        CHECK(first == 42);
        CHECK(second == 42);
    });
}

TEST_CASE("a static local whose initialiser throws is tried again by the next fiber") {
    in_virtual_time([] {
        int tries = 0;
        Fiber a = spawn([&] { CHECK_THROWS(throwing_value(tries)); });
        Fiber b = spawn([&] { CHECK(throwing_value(tries) == 2); });
        join(a, b);
    });
}

TEST_CASE("std::call_once and std::shared_mutex let the other fibers run too") {
    std::string steps;
    in_virtual_time([&] {
        std::once_flag flag;
        std::shared_mutex mutex;
        const auto body = [&] {
            std::call_once(flag, [&] {
                cicada::sleep(1s);
                steps += "once ";
            });
            const std::unique_lock lock(mutex);
            cicada::sleep(1s);
            steps += "locked ";
        };
        Fiber a = spawn(body);
        Fiber b = spawn(body);
        join(a, b);
    });
    CHECK(steps == "once locked locked ");
}

// Goal: a condition variable between fibers of one thread. Method: one waits, the other sleeps and
// then notifies; the timed one runs out of time by the machine's clock.
TEST_CASE("a std::condition_variable lets the other fibers run") {
    fiber::Scheduler scheduler;
    bool seen = false;
    scheduler.run([&] {
        std::mutex mutex;
        std::condition_variable condition;
        bool ready = false;
        Fiber waiter = spawn([&] {
            std::unique_lock lock(mutex);
            condition.wait(lock, [&] { return ready; });
            seen = true;
            CHECK(!condition.wait_for(lock, 2ms, [] { return false; }));
        });
        cicada::sleep(1ms);
        {
            const std::lock_guard lock(mutex);
            ready = true;
        }
        condition.notify_one();
        waiter.join();
    });
    CHECK(seen);
}

}  // namespace cicada
