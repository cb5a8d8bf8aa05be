// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/settings.hpp"
#include "user/declaration.hpp"
#include "user/registry.hpp"

namespace cicada::cli {

/// What `--config-users` says of one class. Source: Locust, whose objects have any attribute.
struct UserConfig {
    std::string user_class{};
    std::optional<std::string> host{};
    std::optional<double> weight{};
    std::optional<std::int64_t> fixed_count{};
    std::optional<std::vector<std::string>> tasks{};  ///< those it keeps
};

/// Reads the values of `--config-users`: JSON objects, arrays of them, or paths that end in .json.
/// Error: base::Error, exit code 255, with the value and what is wrong.
[[nodiscard]] std::vector<UserConfig> parse_user_configs(const std::vector<std::string>& values);

/// Works into the loaded test what the settings say of its classes and tasks (words, tags, weights,
/// --config-users, --once), and returns the classes that take part.
/// Error: base::Error with all names that the test does not have, or that no task is left.
[[nodiscard]] std::vector<const user::Declaration*> select_users(const Settings& settings,
                                                                 user::Registry& registry);

}  // namespace cicada::cli
