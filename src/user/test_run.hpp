// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/fiber.hpp>
#include <cicada/users.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "fiber/scheduler.hpp"
#include "stats/recorder.hpp"
#include "user/environment.hpp"
#include "user/listeners.hpp"
#include "user/live_user.hpp"
#include "user/registry.hpp"

namespace cicada::user {

/// A run in a test of this module: an empty registry, statistics, and users started by hand.
class TestRun {
public:
    explicit TestRun(fiber::ClockKind clock = fiber::ClockKind::Virtual) : clock_(clock) {
        registry().clear();
        listeners().clear();
        base::set_log_writer([this](const base::LogLine& line) { log.push_back(line.text); });
        environment.seed = 42;
        environment.run_id = "r1";
        environment.fail_run = [this](const std::string& why) { failures.push_back(why); };
        environment.user_ended = [this](LiveUser&) { ++ended; };
    }
    TestRun(const TestRun&) = delete;
    TestRun& operator=(const TestRun&) = delete;
    ~TestRun() {
        base::set_log_writer({});
        registry().clear();
        listeners().clear();
    }

    /// Seals the registry and calls `body` in a fiber.
    void run(const std::function<void()>& body) {
        registry().seal();
        std::vector<const Declaration*> classes;
        for (const auto& one : registry().declarations()) classes.push_back(one.get());
        environment.tickets.open(classes, iterations);
        fiber::Scheduler scheduler({.clock = clock_});
        scheduler.run(body);
    }

    /// A user of the class that was declared first.
    [[nodiscard]] std::unique_ptr<LiveUser> start(std::int64_t number = 0) {
        return std::make_unique<LiveUser>(*registry().declarations().front(), number, environment);
    }

    /// One user of that class lives for `time` and is then stopped gracefully.
    void run_one_user(Duration time) {
        run([&] {
            const auto user = start();
            fiber::sleep_for(time.nanoseconds());
            user->stop();
            wait_for_end(*user);
        });
    }

    static void wait_for_end(const LiveUser& user) {
        while (user.phase() != Phase::Ended) fiber::sleep_for(std::chrono::milliseconds(1));
    }

    /// "GET /x" or "GET /x: why", once for each recorded kind of outcome, with " *N" if N times.
    [[nodiscard]] std::vector<std::string> recorded() {
        const stats::Delta delta = recorder.take(base::steady_now());
        std::vector<std::string> lines;
        const auto add = [&](std::string text, std::uint64_t times) {
            if (times > 1) text += " *" + std::to_string(times);
            if (times > 0) lines.push_back(std::move(text));
        };
        for (const auto& entry : delta.entries) {
            const std::string key = entry.key->method + " " + entry.key->name;
            add(key, entry.counts.requests - entry.counts.failures);
            add(key + " (aborted)", entry.counts.aborted);
        }
        for (const auto& error : delta.errors) {
            add(error.key->method + " " + error.key->name + ": " + error.text, error.occurrences);
        }
        for (const auto& thrown : delta.exceptions) {
            add(thrown.where + " threw " + thrown.type + ": " + thrown.text, thrown.count);
        }
        return lines;
    }

    stats::Recorder recorder{{base::steady_now(), base::wall_now()}};
    http::Network network;
    Environment environment{.recorder = recorder, .network = network};
    std::optional<std::int64_t> iterations{};  ///< of the whole test
    std::vector<std::string> log;
    std::vector<std::string> failures;
    int ended = 0;

private:
    fiber::ClockKind clock_;
};

}  // namespace cicada::user
