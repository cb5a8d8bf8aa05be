// SPDX-License-Identifier: Apache-2.0
#include "report/load_keys.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/log.hpp"
#include "stats/totals.hpp"

namespace cicada::report {
namespace {

/// Takes what it is told, at a state that the test chooses.
class KeyedRun final : public run::RunControl {
public:
    KeyedRun() {
        shown.state = run::State::Running;
        shown.target_user_count = 5;
        shown.statistics = std::make_shared<const stats::Totals>(base::WallTime{});
    }
    base::Result<void> start(const run::Target& target) override {
        calls.push_back("start " + std::to_string(target.users) + " " +
                        std::to_string(static_cast<int>(target.spawn_rate)));
        shown.target_user_count = target.users;
        return {};
    }
    void stop() override {}
    void stop_and_wait() override {}
    void quit() override {}
    void pause() override { calls.emplace_back("pause"); }
    void resume() override { calls.emplace_back("resume"); }
    void reset_statistics() override {}
    [[nodiscard]] std::shared_ptr<const run::Snapshot> snapshot() const override {
        return std::make_shared<const run::Snapshot>(shown);
    }

    run::Snapshot shown;
    std::vector<std::string> calls;
};

struct Pressed {
    std::vector<std::string> calls;
    std::vector<std::string> log;
};

Pressed press(KeyedRun& run, const std::string& keys) {
    Pressed pressed;
    base::set_log_writer([&](const base::LogLine& line) { pressed.log.push_back(line.text); });
    LoadKeys load_keys(run, "", {});
    for (const char key : keys) load_keys.press(key);
    base::set_log_writer({});
    pressed.calls = std::exchange(run.calls, {});
    return pressed;
}

using Texts = std::vector<std::string>;

TEST_CASE("w and s change the number of users, and not below nobody") {
    // Goal: Locust's keys and rate; other keys do nothing. Method: press them all.
    KeyedRun run;
    CHECK(press(run, "wWsxQ ").calls == Texts{"start 6 100", "start 16 100", "start 15 100"});
    CHECK(press(run, "SSs").calls == Texts{"start 5 100", "start 0 100", "start 0 100"});
}

TEST_CASE("a key that can do nothing says why") {
    // Goal: one line each. Method: no test, a ramp under way, a test with stages.
    KeyedRun run;
    run.shown.state = run::State::Spawning;
    Pressed pressed = press(run, "w");
    CHECK(pressed.calls.empty());
    CHECK(pressed.log == Texts{"Users are being started or stopped, please wait"});
    run.shown.course = "stage 2 of 5";
    CHECK(press(run, "w").log ==
          Texts{"The test says itself how many users there are (stage 2 of 5)"});
    run.shown.state = run::State::Stopped;
    pressed = press(run, "Wp");
    CHECK(pressed.calls.empty());
    CHECK(pressed.log ==
          Texts{"No test runs whose users could be changed", "No test runs that could be paused"});
}

TEST_CASE("p pauses and lets go on") {
    // Goal: one key for both, while spawning too. Method: press it in each state.
    KeyedRun run;
    run.shown.state = run::State::Spawning;
    CHECK(press(run, "p").calls == Texts{"pause"});
    run.shown.paused = true;
    CHECK(press(run, "p").calls == Texts{"resume"});
}

TEST_CASE("Enter opens the page, or says where it is") {
    // Goal: as in Locust; without a display the person can still go there, without a page nothing
    // happens. Method: an opener that works, one that does not, and none.
    KeyedRun run;
    Texts log;
    Texts opened;
    base::set_log_writer([&](const base::LogLine& line) { log.push_back(line.text); });
    const LoadKeys::Opener works = [&](const std::string& url) -> base::Result<void> {
        opened.push_back(url);
        return {};
    };
    LoadKeys(run, "http://localhost:8089", works).press('\n');
    LoadKeys(run, "", works).press('\n');
    const LoadKeys::Opener fails = [](const std::string&) -> base::Result<void> {
        return base::failure(std::string("there is no display"));
    };
    LoadKeys(run, "http://localhost:8089", fails).press('\r');
    base::set_log_writer({});
    CHECK(opened == Texts{"http://localhost:8089"});
    CHECK(log == Texts{"The page is at http://localhost:8089",
                       "The page is at http://localhost:8089 (there is no display)"});
    CHECK(run.calls.empty());
}

}  // namespace
}  // namespace cicada::report
