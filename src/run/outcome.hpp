// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "stats/verdict.hpp"

namespace cicada::run {

class RunMachine;
struct Snapshot;

/// How the run went, for the exit code.
struct Outcome {
    std::optional<int> exit_code{};  ///< asked for by the test
    std::string given_up{};          ///< why the test could not go on; empty: it could
    bool failures = false;           ///< a request failed, or a task threw
    bool listener_threw = false;
    std::size_t thresholds = 0;                ///< that the run was judged by; 0: none
    std::size_t thresholds_missed = 0;         ///< of them
    stats::Grade grade = stats::Grade::Valid;  ///< of the run's verdict
};

/// `last`: the snapshot that was taken last.
[[nodiscard]] Outcome outcome_of(const RunMachine& machine, const Snapshot& last);

}  // namespace cicada::run
