// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "run/snapshot.hpp"

namespace cicada::report {

/// The file of --junit: a test case for each threshold, with its actual value; without thresholds
/// one that no request failed and no task threw. Another says the run's verdict: it is skipped,
/// not failed, when the run is not valid, since the exit code does not depend on it either.
///
/// Source: the JUnit XML that Jenkins, GitLab and GitHub's actions read.
[[nodiscard]] std::string junit_xml(const run::Snapshot& snapshot);

}  // namespace cicada::report
