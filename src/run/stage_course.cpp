// SPDX-License-Identifier: Apache-2.0
#include "run/stage_course.hpp"

#include <utility>

#include "base/later.hpp"

namespace cicada::run {

using base::TimePoint;
using std::chrono::nanoseconds;

StageCourse::StageCourse(std::vector<StagePlan> stages, StageCounts counts)
    : stages_(std::move(stages)), counts_(counts) {}

void StageCourse::begin(TimePoint now) {
    begun_ = 0;
    ends_at_ = now;
}

std::optional<Aim> StageCourse::next_aim(TimePoint now) {
    std::optional<Aim> aim;
    while (more_to_come() && now >= ends_at_) {
        const StagePlan& stage = stages_[begun_++];
        aim = stage.aim;
        if (counts_ == StageCounts::FromItsLastUser) {
            ends_at_ = TimePoint::max();
            break;
        }
        ends_at_ = base::later(ends_at_, stage.duration);
    }
    return aim;
}

void StageCourse::on_ramp_complete(TimePoint now) {
    if (begun_ == 0 || counts_ != StageCounts::FromItsLastUser || ends_at_ != TimePoint::max()) {
        return;
    }
    ends_at_ = base::later(now, stages_[begun_ - 1].duration);
}

void StageCourse::shift(nanoseconds pause) {
    if (ends_at_ != TimePoint::max()) ends_at_ += pause;
}

TimePoint StageCourse::next_change() const {
    return empty() ? TimePoint::max() : ends_at_;
}

bool StageCourse::over(TimePoint now) const {
    return !empty() && !more_to_come() && now >= ends_at_;
}

std::optional<nanoseconds> StageCourse::duration() const {
    if (empty() || counts_ == StageCounts::FromItsLastUser) return std::nullopt;
    nanoseconds sum{};
    for (const StagePlan& stage : stages_) {
        if (stage.duration >= nanoseconds::max() - sum) return std::nullopt;
        sum += stage.duration;
    }
    return sum;
}

}  // namespace cicada::run
