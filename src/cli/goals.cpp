// SPDX-License-Identifier: Apache-2.0
#include "cli/goals.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "user/registry.hpp"

namespace cicada::cli {

std::vector<run::Goal> goals_of(const Settings& settings) {
    const std::vector<stats::MetricKey> declared = user::registry().metrics();
    std::vector<run::Goal> goals;
    for (const user::ThresholdDeclaration& each : user::registry().thresholds()) {
        auto goal = run::make_goal(each.text, declared);
        if (!goal) throw base::Error(fmt::format("threshold \"{}\": {}", each.text, goal.error()));
        goal->abort_on_fail = each.abort_on_fail;
        goal->warm_up = each.warm_up;
        goals.push_back(std::move(*goal));
    }
    for (const std::string& text : settings.checks) {
        auto goal = run::make_goal(text, declared);
        if (!goal) {
            throw base::Error(fmt::format("argument --check: \"{}\": {}", text, goal.error()),
                              base::ExitCode::BadArguments);
        }
        goal->abort_on_fail = settings.check_abort.has_value();
        goal->warm_up = settings.check_abort.value_or(nanoseconds{});
        goals.push_back(std::move(*goal));
    }
    return goals;
}

}  // namespace cicada::cli
