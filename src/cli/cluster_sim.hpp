// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace cicada::cli {

/// `cicada cluster-sim ARGUMENTS`: many workers that run nothing, to measure a master with. Until
/// the master lets them go, or a signal. Returns the program's exit code.
int simulate_cluster(const std::vector<std::string>& arguments);

}  // namespace cicada::cli
