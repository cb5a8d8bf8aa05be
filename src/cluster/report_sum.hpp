// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "run/engine_report.hpp"

namespace cicada::cluster {

/// Adds what a worker has done of limits and arrivals, and what its user code asks for. Neither how
/// far it is, nor its users, nor its delta.
void add_work(run::EngineReport& sum, const run::EngineReport& worker);

}  // namespace cicada::cluster
