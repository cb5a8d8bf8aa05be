// SPDX-License-Identifier: Apache-2.0
#include "run/usage_monitor.hpp"

#include <doctest/doctest.h>

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

TEST_CASE("usage is what was used since the last look") {
    // Goal: percentages of the period, not of all time. Method: made-up times for the engine; what
    // the process really used in no time at all is next to nothing of a made-up hour.
    const base::TimePoint start{};
    UsageMonitor monitor(start, 5s);
    const Usage first = monitor.look(start + 10s, 14s);
    CHECK(first.engine_percent == doctest::Approx(90));
    CHECK(first.resident_bytes > 100'000);
    const Usage second = monitor.look(start + 1h, 14s);
    CHECK(second.engine_percent == 0);
    CHECK(second.process_percent < 1);
    CHECK(second.process_percent >= 0);
    CHECK(monitor.look(start + 1h, 20s).engine_percent == 0);
    CHECK(monitor.look(start + 1h + 1s, 30s).engine_percent == 100);
}

}  // namespace
}  // namespace cicada::run
