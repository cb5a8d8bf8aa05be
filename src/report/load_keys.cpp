// SPDX-License-Identifier: Apache-2.0
#include "report/load_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/log.hpp"
#include "scenario/child_process.hpp"

namespace cicada::report {
namespace {

using base::LogLevel;

constexpr double kSpawnRate = 100;  // Source: Locust, main.py

bool is_testing(run::State state) {
    return state == run::State::Spawning || state == run::State::Running;
}

}  // namespace

void LoadKeys::press(char key) {
    switch (key) {
        case 'w':
            return change_users(1);
        case 'W':
            return change_users(10);
        case 's':
            return change_users(-1);
        case 'S':
            return change_users(-10);
        case 'p':
            return toggle_pause();
        case '\n':
        case '\r':
            return show_page();
        default:
            return;
    }
}

base::Result<void> open_url(const std::string& url) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables while the run is shown
    if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) {
        return base::failure(std::string("there is no display"));
    }
    const auto asked = scenario::run_program(
        {"sh",
         "-c",
         R"(command -v xdg-open >/dev/null && { xdg-open "$0" >/dev/null 2>&1 & })",
         url});
    if (!asked) return base::failure(asked.error());
    if (asked->exit_code != 0) return base::failure(std::string("there is no xdg-open"));
    return {};
}

void LoadKeys::show_page() {
    if (page_.empty()) return;
    const auto opened = open_(page_);
    base::log(LogLevel::Info,
              "The page is at {}{}",
              page_,
              opened ? "" : fmt::format(" ({})", opened.error()));
}

void LoadKeys::change_users(std::int64_t by) {
    const auto snapshot = run_.snapshot();
    if (!is_testing(snapshot->state)) {
        base::log(LogLevel::Warning, "No test runs whose users could be changed");
    } else if (!snapshot->course.empty()) {
        base::log(LogLevel::Warning,
                  "The test says itself how many users there are ({})",
                  snapshot->course);
    } else if (snapshot->state == run::State::Spawning) {
        base::log(LogLevel::Warning, "Users are being started or stopped, please wait");
    } else {
        const auto users = std::max(snapshot->target_user_count + by, std::int64_t{0});
        const auto started = run_.start({.users = users, .spawn_rate = kSpawnRate});
        if (!started) base::log(LogLevel::Warning, "{}", started.error());
    }
}

void LoadKeys::toggle_pause() {
    const auto snapshot = run_.snapshot();
    if (!is_testing(snapshot->state)) {
        base::log(LogLevel::Warning, "No test runs that could be paused");
    } else if (snapshot->paused) {
        run_.resume();
    } else {
        run_.pause();
    }
}

}  // namespace cicada::report
