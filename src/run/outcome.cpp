// SPDX-License-Identifier: Apache-2.0
#include "run/outcome.hpp"

#include "run/goals.hpp"
#include "run/run_machine.hpp"
#include "run/snapshot.hpp"

namespace cicada::run {

Outcome outcome_of(const RunMachine& machine, const Snapshot& last) {
    return {.exit_code = machine.engine().exit_code,
            .given_up = machine.given_up(),
            .failures = last.statistics->total().counts.failures > 0 ||
                        !last.statistics->exceptions().empty(),
            .listener_threw = machine.engine().listener_threw,
            .thresholds = last.thresholds.size(),
            .thresholds_missed = missed(last.thresholds),
            .grade = verdict_of(last).grade};
}

}  // namespace cicada::run
