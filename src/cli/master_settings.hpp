// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/settings.hpp"
#include "user/registry.hpp"

namespace cicada::cli {

/// What a worker takes over from its master with each test: arguments of the test, tags, and what
/// the page changed of user classes. All else is the worker's own.
///
/// Threads: the engine's, while no user lives.
class MasterSettings {
public:
    /// `own`: as the worker's command line has them. Shape: `registry` outlives this.
    MasterSettings(Settings own, user::Registry& registry);

    /// `settings`: names of options without dashes, and what a person would write behind them
    /// (lists also as JSON). Those it does not know change nothing.
    /// Returns what is wrong, a sentence each; then the test cannot run.
    [[nodiscard]] std::vector<std::string> take(
        const std::vector<std::pair<std::string, std::string>>& settings);

private:
    Settings own_;
    user::Registry& registry_;
    bool has_selected_ = false;  ///< something else than own_ says
};

/// What each worker of a Locust master would have all of, instead of its share: limits, rows that
/// are used once, arrivals. A few words each.
[[nodiscard]] std::vector<std::string> shared_things(
    const Settings& settings,
    const user::Registry& registry,
    const std::vector<const user::Declaration*>& classes);

}  // namespace cicada::cli
