// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/option.hpp"
#include "cli/settings.hpp"

namespace cicada::cli {

/// The value of an environment variable; nothing: it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own.
[[nodiscard]] std::optional<std::string> process_environment(const std::string& name);

/// Reads `arguments` (without the program's name) into the targets of `table` and returns those
/// that are no options. An option given twice has its last value, unless it collects several.
///
/// Shape: `--users=5`, `--users 5`, `-u5`, `-u 5`; a long name may be cut as long as it is unique.
/// Error: base::Error, exit code 2, naming the argument; for an unknown one the nearest known.
std::vector<std::string> parse_arguments(const std::vector<Option>& table,
                                         const std::vector<std::string>& arguments);

/// Reads the variables of `table` into their targets: CICADA_X, else LOCUST_X.
/// Error: base::Error, exit code 2, naming the variable.
void read_environment(const std::vector<Option>& table, const Environment& environment);

/// Environment, then arguments, then what has to hold between them.
/// Error: base::Error, exit code 2 (1 where Locust says so).
Settings parse_command_line(const std::vector<std::string>& arguments,
                            const Environment& environment);

/// Of `cicada demo-server`; without these two words.
DemoSettings parse_demo_command_line(const std::vector<std::string>& arguments);

/// The help text: `usage`, then a block for each section.
[[nodiscard]] std::string help_text(const std::string& usage, const std::vector<Option>& table);

}  // namespace cicada::cli
