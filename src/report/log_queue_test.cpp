// SPDX-License-Identifier: Apache-2.0
#include "report/log_queue.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include <thread>
#include <vector>

namespace cicada::report {
namespace {

bool readable(int fd) {
    pollfd waited{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, 0) == 1;
}

TEST_CASE("a full log queue drops and says how many") {
    // Goal: whoever logs never waits; the count is shown.
    LogQueue queue;
    CHECK_FALSE(readable(queue.descriptor()));
    for (std::size_t i = 0; i < LogQueue::kMostLines + 7; ++i) {
        queue.push({base::LogLevel::Info, "line"});
    }
    CHECK(readable(queue.descriptor()));
    const auto lines = queue.take();
    REQUIRE(lines.size() == LogQueue::kMostLines + 1);
    CHECK(lines.front().text.find("/INFO/cicada: line") != std::string::npos);
    CHECK(lines.back().text.find("/WARNING/cicada: 7 log lines were dropped: too many at once") !=
          std::string::npos);
    CHECK_FALSE(readable(queue.descriptor()));
    CHECK(queue.take().empty());
}

TEST_CASE("lines from many threads all arrive") {
    // Goal: no line is lost or torn between threads (and TSan is content).
    LogQueue queue;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&queue] {
            for (int i = 0; i < 200; ++i) queue.push({base::LogLevel::Info, "x"});
        });
    }
    std::size_t arrived = 0;
    while (arrived < 800) arrived += queue.take().size();
    for (std::thread& thread : threads) thread.join();
    CHECK(arrived == 800);
}

}  // namespace
}  // namespace cicada::report
