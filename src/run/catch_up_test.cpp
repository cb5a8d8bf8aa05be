// SPDX-License-Identifier: Apache-2.0
// Goal: late arrivals catch up without a burst, and those in time are not touched.
// Method: a plan is played on a clock of the test's own, with a moment in which nothing happens.
#include "run/catch_up.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace cicada::run {
namespace {

using namespace std::chrono_literals;
using base::TimePoint;
using std::chrono::nanoseconds;

/// When each begins, if nothing could begin from `stall_begins` to `stall_ends`.
std::vector<TimePoint> play(const std::vector<TimePoint>& plan,
                            nanoseconds stall_begins,
                            nanoseconds stall_ends) {
    CatchUp catch_up;
    catch_up.begin(TimePoint{});
    TimePoint now{};
    std::vector<TimePoint> begun;
    for (std::size_t i = 0; i < plan.size(); ++i) {
        now = std::max(now, catch_up.moment_for(plan[i]));
        if (now >= TimePoint(stall_begins) && now < TimePoint(stall_ends)) {
            now = TimePoint(stall_ends);
        }
        begun.push_back(now);
        if (i + 1 < plan.size()) catch_up.note_begun(now, plan[i + 1] - plan[i]);
    }
    return begun;
}

std::vector<TimePoint> evenly(nanoseconds gap, int count) {
    std::vector<TimePoint> plan;
    for (int i = 0; i < count; ++i) plan.emplace_back(i * gap);
    return plan;
}

std::size_t most_in(nanoseconds window, const std::vector<TimePoint>& begun) {
    std::size_t most = 0;
    std::size_t first = 0;
    for (std::size_t i = 0; i < begun.size(); ++i) {
        while (begun[i] - begun[first] >= window) ++first;
        most = std::max(most, i - first + 1);
    }
    return most;
}

TEST_CASE("after a stall no millisecond sees more than twice the plan") {
    const auto plan = evenly(50us, 2000);  // 20 in a millisecond
    const auto begun = play(plan, 20ms, 27ms);
    CHECK(most_in(1ms, begun) <= 40);
    CHECK(most_in(1ms, begun) > 25);  // but it does catch up
    for (std::size_t i = 0; i < plan.size(); ++i) {
        if (plan[i] < TimePoint(20ms)) CHECK(begun[i] == plan[i]);
        if (plan[i] > TimePoint(27ms + 14ms)) CHECK(begun[i] == plan[i]);  // at 1.5 times the pace
    }
}

TEST_CASE("what is planned close together and is in time begins in time") {
    const std::vector<TimePoint> plan{TimePoint(10ms),
                                      TimePoint(10ms + 1us),
                                      TimePoint(10ms + 2us),
                                      TimePoint(10ms + 2us),
                                      TimePoint(20ms),
                                      TimePoint(20ms + 1us)};
    CHECK(play(plan, 0ms, 0ms) == plan);
}

TEST_CASE("a lateness shorter than the allowance is made good at once") {
    const auto plan = evenly(50us, 100);
    const auto begun = play(plan, 1ms, 1ms + 200us);
    CHECK(begun[20] == TimePoint(1200us));
    CHECK(begun[24] == TimePoint(1200us));  // the last one planned in the stall
    CHECK(begun[25] == plan[25]);
}

}  // namespace
}  // namespace cicada::run
