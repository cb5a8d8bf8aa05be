// SPDX-License-Identifier: Apache-2.0
#include "run/engine_report.hpp"

#include <utility>

namespace cicada::run {

void EngineReport::absorb(EngineReport&& later) {
    stats::Delta sum = std::move(delta);
    if (later.statistics_epoch == statistics_epoch) {
        sum.merge(std::move(later.delta));
        later.delta = std::move(sum);
    }
    *this = std::move(later);
}

}  // namespace cicada::run
