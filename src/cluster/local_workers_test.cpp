// SPDX-License-Identifier: Apache-2.0
#include "cluster/local_workers.hpp"

#include <doctest/doctest.h>

#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// Goal: what the dead had recorded reaches the master once; a task that keeps crashing ends the
// run. Method: this program as two worker processes that crash (see processes_test.cpp), and a
// master on paper.
TEST_CASE("the master gets the last words of worker processes, and is told to stop") {
    std::mutex mutex;
    std::vector<std::string> lines;
    std::vector<run::EngineReport> words;
    std::promise<std::string> stopped;
    base::set_log_writer([&](const base::LogLine& line) {
        const std::lock_guard lock(mutex);
        lines.push_back(line.text);
    });
    LocalWorkersOptions options;
    options.processes.count = 2;
    options.processes.arguments = {"--no-skip", "--test-case=child: records and crashes in a task"};
    options.on_crash = OnCrash::Stop;
    options.is_task = [](const std::string&) { return true; };
    options.master = {
        .close_reports = [](const std::string& id, std::uint64_t incarnation) -> std::uint64_t {
            CHECK(id == "child_1");
            CHECK(incarnation == 5);
            return 0;
        },
        .take_last_words =
            [&](const std::string&, std::uint64_t, run::EngineReport report) {
                const std::lock_guard lock(mutex);
                words.push_back(std::move(report));
            },
        .disable_task = [](const std::string&) { CHECK(false); },
        .stop_for_crash = [&](const std::string& why) { stopped.set_value(why); },
        .quitting = [] { return false; },
    };
    {
        LocalWorkers workers(options);
        auto why = stopped.get_future();
        REQUIRE(why.wait_for(20s) == std::future_status::ready);
        CHECK(why.get() == "'Shopper.buy' has crashed 2 worker processes");
        workers.end(0s);
    }
    base::set_log_writer([](const base::LogLine&) {});
    REQUIRE(words.size() == 2);
    for (const run::EngineReport& report : words) {
        CHECK(report.delta.entries.front().counts.requests == 7);
        CHECK(report.delta.uncertain_exchanges == 2);
        REQUIRE(report.delta.exceptions.size() == 1);
        CHECK(report.delta.exceptions.front().text == "was killed by SIGABRT");
        CHECK(report.delta.exceptions.front().where == "Shopper.buy");
    }
    const auto has_line = [&lines](const std::string& part) {
        for (const std::string& line : lines) {
            if (line.find(part) != std::string::npos) return true;
        }
        return false;
    };
    CHECK(has_line(") was killed by SIGABRT in task 'Shopper.buy'"));
    CHECK(has_line("    at "));
    CHECK(
        has_line("had 2 exchanges on the wire or not recorded yet, which may have reached the "
                 "server"));
    CHECK(has_line(" is started again in 1s (1 of 3 times)"));
    CHECK(has_line("'Shopper.buy' has crashed 2 worker processes: the run ends"));
}

#endif

}  // namespace
}  // namespace cicada::cluster
