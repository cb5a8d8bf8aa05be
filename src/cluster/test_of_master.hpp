// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cluster/dealer.hpp"
#include "scenario/scenario.hpp"

namespace cicada::cluster {

/// Asks the master for its test, keeps it in the cache and loads it: the compiled objects where
/// they fit, else the sources.
///
/// Code is accepted only from who has the same secret, or from this machine.
/// `master`: without an id. `version`: of Locust, as in ClientReady.
/// Error: base::Error: no master answers, it gives none, or the test cannot be loaded here; the
///        master hears of the last, too.
/// Threads: the main thread, before there are others. Blocks.
[[nodiscard]] scenario::LoadedTest fetch_and_load(DealerOptions master, const std::string& version);

}  // namespace cicada::cluster
