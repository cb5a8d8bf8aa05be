// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "cicada/sync.hpp"
#include "fiber/scheduler.hpp"
#include "fiber/scheduler_impl.hpp"

namespace cicada::fiber {

using namespace std::chrono_literals;

// Goal: messages of other threads reach a loop that waits, both back ends. Method: real time, since
// a thread is involved; the fiber waits without a timer until the message has come.
TEST_CASE("post wakes a loop that waits") {
    for (const IoKind io : {IoKind::Uring, IoKind::Epoll}) {
        std::atomic<Scheduler*> loop = nullptr;
        int calls = 0;
        std::function<void()> on_call;
        std::thread runner([&] {
            Scheduler scheduler({.io = io});
            scheduler.run([&] {
                Event third_call;
                on_call = [&] {
                    if (++calls == 3) third_call.set();
                };
                loop = &scheduler;
                third_call.wait();
            });
        });
        while (loop == nullptr) std::this_thread::yield();
        for (int i = 0; i < 3; ++i) {
            std::this_thread::sleep_for(1ms);  // so that the loop is asleep again
            CHECK(loop.load()->post([&] { on_call(); }));
        }
        runner.join();
        CHECK(calls == 3);
    }
}

// Goal: nothing that was accepted is lost, whoever sends. Method: four threads, one loop.
TEST_CASE("messages of many threads all arrive") {
    constexpr int kThreads = 4;
    constexpr int kMessages = 5000;
    std::atomic<Scheduler*> loop = nullptr;
    int calls = 0;
    std::function<void()> on_call;
    std::thread runner([&] {
        Scheduler scheduler;
        scheduler.run([&] {
            Event all_here;
            on_call = [&] {
                if (++calls == kThreads * kMessages) all_here.set();
            };
            loop = &scheduler;
            all_here.wait();
        });
    });
    while (loop == nullptr) std::this_thread::yield();
    std::vector<std::thread> senders;
    for (int i = 0; i < kThreads; ++i) {
        senders.emplace_back([&] {
            for (int sent = 0; sent < kMessages; ++sent) {
                while (!loop.load()->post([&] { on_call(); })) std::this_thread::yield();
                if (sent % 100 == 0) (void)loop.load()->pulse();
            }
        });
    }
    for (std::thread& sender : senders) sender.join();
    runner.join();
    CHECK(calls == kThreads * kMessages);
}

TEST_CASE("a full mailbox says so") {
    Mailbox mailbox;
    for (std::size_t i = 0; i < Mailbox::kCapacity; ++i) REQUIRE(mailbox.post([] {}));
    CHECK(!mailbox.post([] {}));
    mailbox.deliver();
    CHECK(mailbox.post([] {}));
}

}  // namespace cicada::fiber
