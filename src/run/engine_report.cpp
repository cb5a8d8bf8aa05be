// SPDX-License-Identifier: Apache-2.0
#include "run/engine_report.hpp"

#include <iterator>
#include <utility>

namespace cicada::run {

void EngineReport::absorb(EngineReport&& later) {
    stats::Delta sum = std::move(delta);
    if (later.statistics_epoch == statistics_epoch) {
        sum.merge(std::move(later.delta));
        later.delta = std::move(sum);
    }
    later.machine.add(machine);
    letters.insert(letters.end(),
                   std::make_move_iterator(later.letters.begin()),
                   std::make_move_iterator(later.letters.end()));
    std::swap(letters, later.letters);
    if (later.lease_round == lease_round) {
        lease_returns.insert(
            lease_returns.end(), later.lease_returns.begin(), later.lease_returns.end());
        std::swap(lease_returns, later.lease_returns);
    }
    *this = std::move(later);
}

}  // namespace cicada::run
