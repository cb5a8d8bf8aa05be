// SPDX-License-Identifier: Apache-2.0
#include "run/stage_course.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cicada::run {
namespace {

using namespace std::chrono_literals;
using base::TimePoint;

constexpr TimePoint kStart{1h};

StageCourse three(StageCounts counts = StageCounts::FromItsBegin) {
    return StageCourse({{60s, {10, 1}}, {30s, {50, 5}}, {10s, {0, 100}}}, counts);
}

TEST_CASE("stages follow each other without a gap") {
    // Goal: each stage is announced once, at its planned time, and lateness is not added up.
    // Method: ask late for the second one; the third still begins at 90 s.
    StageCourse course = three();
    course.begin(kStart);
    CHECK(course.next_aim(kStart) == Aim{10, 1});
    CHECK(course.next_aim(kStart) == std::nullopt);
    CHECK(course.present() == 1);
    CHECK(course.next_change() == kStart + 60s);
    CHECK(course.next_aim(kStart + 59s) == std::nullopt);
    CHECK(course.next_aim(kStart + 75s) == Aim{50, 5});
    CHECK(course.next_change() == kStart + 90s);
    CHECK(course.more_to_come());
    CHECK(course.next_aim(kStart + 90s) == Aim{0, 100});
    CHECK_FALSE(course.more_to_come());
    CHECK_FALSE(course.over(kStart + 99s));
    CHECK(course.over(kStart + 100s));
    CHECK(course.duration() == 100s);
}

TEST_CASE("of stages that were missed only the last one counts") {
    // Goal: an engine that was held for two minutes does not run through old stages.
    // Method: ask once, late.
    StageCourse course = three();
    course.begin(kStart);
    CHECK(course.next_aim(kStart + 95s) == Aim{0, 100});
    CHECK(course.present() == 3);
}

TEST_CASE("a pause moves what is still to come") {
    // Goal: stages keep their length. Method: 20 s of pause in the first.
    StageCourse course = three();
    course.begin(kStart);
    (void)course.next_aim(kStart);
    course.shift(20s);
    CHECK(course.next_aim(kStart + 79s) == std::nullopt);
    CHECK(course.next_aim(kStart + 80s) == Aim{50, 5});
    CHECK(course.next_change() == kStart + 110s);
}

TEST_CASE("time at the target counts after the ramp-up if asked") {
    // Goal: a stage lasts its duration from its last user on, however long its ramp takes.
    // Method: ramps that take 25 s and 7 s; a second report of a complete ramp changes nothing.
    StageCourse course = three(StageCounts::FromItsLastUser);
    course.begin(kStart);
    CHECK(course.duration() == std::nullopt);
    CHECK(course.next_aim(kStart) == Aim{10, 1});
    CHECK(course.next_change() == TimePoint::max());
    CHECK(course.next_aim(kStart + 1000s) == std::nullopt);
    course.on_ramp_complete(kStart + 25s);
    course.on_ramp_complete(kStart + 30s);
    CHECK(course.next_change() == kStart + 85s);
    CHECK(course.next_aim(kStart + 85s) == Aim{50, 5});
    course.on_ramp_complete(kStart + 92s);
    CHECK(course.next_change() == kStart + 122s);
}

TEST_CASE("without stages there is no end") {
    // Goal: a test without stages is not over at once. Method: an empty course.
    StageCourse course;
    course.begin(kStart);
    CHECK(course.next_aim(kStart + 1h) == std::nullopt);
    CHECK(course.next_change() == TimePoint::max());
    CHECK_FALSE(course.over(kStart + 1h));
    CHECK(course.duration() == std::nullopt);
}

TEST_CASE("a stage may last for ever") {
    // Goal: no overflow. Method: kForever as duration.
    StageCourse course({{std::chrono::nanoseconds::max(), {1, 1}}});
    course.begin(kStart);
    CHECK(course.next_aim(kStart) == Aim{1, 1});
    CHECK(course.next_change() == TimePoint::max());
    CHECK_FALSE(course.over(kStart + 10'000h));
}

}  // namespace
}  // namespace cicada::run
