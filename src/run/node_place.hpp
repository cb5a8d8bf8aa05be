// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/runner.hpp>
#include <string>

namespace cicada::run {

/// Who this process is among the nodes of a run.
struct NodePlace {
    Runner::Role role = Runner::Role::Local;
    std::string id = "local";  ///< of a master: "master"
    int worker_index = 0;
    int worker_count = 1;
};

inline constexpr const char* kMasterId = "master";

/// A message of a test on its way between two nodes.
struct Letter {
    std::string type{};
    std::string json{};
    std::string node{};  ///< id of who sent it, or who gets it; empty: "the other side", see Runner
};

}  // namespace cicada::run
