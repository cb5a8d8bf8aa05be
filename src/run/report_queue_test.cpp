// SPDX-License-Identifier: Apache-2.0
#include "run/report_queue.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <thread>

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a full queue refuses a report and leaves it whole") {
    // Goal: the engine can go on adding to what it could not deliver.
    // Method: fill it, try once more, make room.
    ReportQueue queue;
    for (std::uint64_t count = 0; count < ReportQueue::kCapacity; ++count) {
        EngineReport report{.statistics_epoch = count};
        REQUIRE(queue.try_push(report));
    }
    EngineReport report{.statistics_epoch = 99, .users = {1, 2}};
    CHECK_FALSE(queue.try_push(report));
    CHECK(report.users.size() == 2);
    CHECK(queue.try_pop()->statistics_epoch == 0);
    CHECK(queue.try_push(report));
    for (std::uint64_t count = 1; count < ReportQueue::kCapacity; ++count) {
        CHECK(queue.try_pop()->statistics_epoch == count);
    }
    CHECK(queue.try_pop()->statistics_epoch == 99);
    CHECK_FALSE(queue.try_pop().has_value());
}

TEST_CASE("no report is lost or reordered between two threads") {
    // Goal: the law of the queue, under real concurrency (and the thread sanitizer).
    // Method: one thread absorbs what it cannot push, as the engine does; the other adds up.
    constexpr std::int64_t kReports = 20'000;
    ReportQueue queue;
    Bell bell;
    std::thread engine([&queue, &bell] {
        for (std::int64_t sent = 0; sent < kReports;) {
            EngineReport report{.users = {sent}, .user_count = sent};
            if (queue.try_push(report)) {
                ++sent;
                bell.ring();
            } else {
                std::this_thread::yield();
            }
        }
    });
    std::int64_t next = 0;
    bool ordered = true;
    while (next < kReports) {
        bell.wait_until(base::steady_now() + 10s);
        while (const auto report = queue.try_pop()) {
            ordered = ordered && report->user_count == next && report->users.at(0) == next;
            ++next;
        }
    }
    engine.join();
    CHECK(ordered);
}

TEST_CASE("a bell that was rung before somebody waits is heard") {
    // Goal: no lost wake-up; and silence lasts no longer than the deadline.
    // Method: ring twice, wait twice.
    Bell bell;
    bell.ring();
    bell.ring();
    bell.wait_until(base::steady_now() + 1h);
    const auto before = base::steady_now();
    bell.wait_until(before + 5ms);
    CHECK(base::steady_now() >= before + 5ms);
}

TEST_CASE("whoever waits for a bell can wait for a socket too") {
    // Goal: control is woken by a message, and the bell stays as it was.
    // Method: one more bell's worth of silence, with a pipe that has something to read.
    Bell bell;
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    REQUIRE(::write(pipe[1], "x", 1) == 1);
    const auto deadline = base::steady_now() + 1h;
    bell.wait_until(deadline, pipe[0]);
    bell.ring();
    bell.wait_until(deadline, -1);
    CHECK(base::steady_now() < deadline);
    ::close(pipe[0]);
    ::close(pipe[1]);
}

}  // namespace
}  // namespace cicada::run
