// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/settings.hpp"
#include "cluster/master_run.hpp"
#include "run/local_run.hpp"
#include "scenario/scenario.hpp"
#include "user/declaration.hpp"
#include "user/registry.hpp"

namespace cicada::cli {

/// The run of a master: `local` says what it is apart from that; `test` may travel to workers.
[[nodiscard]] std::unique_ptr<cluster::MasterRun> master_run(
    const Settings& settings,
    const std::vector<const user::Declaration*>& classes,
    const run::LocalRunOptions& local,
    const scenario::LoadedTest& test);

/// What Cicada workers take from their master: names of options, and values as a person would
/// write them; lists as JSON.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> worker_settings(
    const Settings& settings, const user::Registry& registry);

/// The values of the test's own options and those of Locust's that its workers take over, as a map
/// in JSON.
[[nodiscard]] std::string parsed_options(const Settings& settings, const user::Registry& registry);

}  // namespace cicada::cli
