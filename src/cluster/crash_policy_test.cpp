// SPDX-License-Identifier: Apache-2.0
#include "cluster/crash_policy.hpp"

#include <doctest/doctest.h>

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;

CrashPolicy policy(std::size_t processes, OnCrash on_crash) {
    return {processes, on_crash, [](const std::string& label) { return label == "Shopper.buy"; }};
}

// Goal: the rules of docs/guide/running-on-many-cores.md. Method: one death after the other.
TEST_CASE("a process is started again three times, each time after twice the pause") {
    CrashPolicy crashes = policy(2, OnCrash::Disable);
    CHECK(crashes.on_death(0, "").restart_after == 1s);
    CHECK(crashes.on_death(0, "").restart_after == 2s);
    CHECK(crashes.on_death(1, "").restart_after == 1s);
    const Consequence third = crashes.on_death(0, "");
    CHECK(third.restart_after == 4s);
    CHECK(third.restart == 3);
    const Consequence fourth = crashes.on_death(0, "");
    CHECK_FALSE(fourth.restart_after);
    CHECK_FALSE(fourth.stop);  // the other one lives
}

TEST_CASE("the second crash in a task disables it, once") {
    CrashPolicy crashes = policy(4, OnCrash::Disable);
    CHECK_FALSE(crashes.on_death(0, "Shopper.buy").disable);
    CHECK(crashes.on_death(1, "Shopper.buy").disable == "Shopper.buy");
    CHECK_FALSE(crashes.on_death(2, "Shopper.buy").disable);
    CHECK_FALSE(crashes.on_death(3, "Shopper.on_start").disable);
    CHECK_FALSE(crashes.on_death(3, "Shopper.on_start").disable);  // this is no task
}

TEST_CASE("the second crash in a task stops the run, if that is wanted") {
    CrashPolicy crashes = policy(4, OnCrash::Stop);
    CHECK_FALSE(crashes.on_death(0, "Shopper.buy").stop);
    CHECK_FALSE(crashes.on_death(1, "").stop);
    CHECK_FALSE(crashes.on_death(2, "").stop);
    const Consequence second = crashes.on_death(1, "Shopper.buy");
    CHECK(second.stop == "'Shopper.buy' has crashed 2 worker processes");
    CHECK_FALSE(second.restart_after);
    CHECK_FALSE(second.disable);
}

TEST_CASE("a run without any worker process left ends") {
    CrashPolicy crashes = policy(2, OnCrash::Disable);
    for (int i = 0; i < 4; ++i) CHECK_FALSE(crashes.on_death(0, "").stop);
    for (int i = 0; i < 3; ++i) CHECK_FALSE(crashes.on_death(1, "").stop);
    CHECK(crashes.on_death(1, "").stop ==
          "no worker process is left: each has been started again 3 times");
}

}  // namespace
}  // namespace cicada::cluster
