// SPDX-License-Identifier: Apache-2.0
#include "run/snapshot.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "stats/recorder.hpp"

namespace cicada::run {
namespace {

enum class Records { Nothing, Request, Metric };

Snapshot after(Records what, State state) {
    stats::Recorder recorder({base::TimePoint{}, base::WallTime{}});
    const auto hits = recorder.metrics().series(stats::MetricKind::Counter, "hits");
    if (what == Records::Request) recorder.record("GET", "/", {});
    if (what == Records::Metric) recorder.metrics().add(hits, 1);
    stats::Totals totals(base::WallTime{});
    totals.merge(recorder.take(base::TimePoint{std::chrono::seconds(1)}));
    Snapshot snapshot;
    snapshot.state = state;
    snapshot.statistics = std::make_shared<const stats::Totals>(std::move(totals));
    return snapshot;
}

TEST_CASE("a test that is over and has recorded nothing is invalid") {
    // Goal: a run of nothing never looks well; one that has just begun is not blamed.
    // Method: nothing, a request, a metric; during the test and after it.
    const auto grade = [](const Snapshot& snapshot) { return verdict_of(snapshot).grade; };
    const Snapshot nothing = after(Records::Nothing, State::Stopped);
    REQUIRE(verdict_of(nothing).reasons.size() == 1);
    CHECK(grade(nothing) == stats::Grade::Invalid);
    CHECK(verdict_of(nothing).reasons[0].text ==
          "nothing was measured: no request was recorded, and no metric");
    CHECK(warnings_of(nothing).size() == 1);
    CHECK(grade(after(Records::Nothing, State::Running)) == stats::Grade::Valid);
    CHECK(grade(after(Records::Request, State::Stopped)) == stats::Grade::Valid);
    CHECK(grade(after(Records::Metric, State::Stopped)) == stats::Grade::Valid);
}

}  // namespace
}  // namespace cicada::run
