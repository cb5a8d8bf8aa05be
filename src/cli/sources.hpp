// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/option.hpp"

namespace cicada::cli {

/// The value of an environment variable; nothing: it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own.
[[nodiscard]] std::optional<std::string> process_environment(const std::string& name);

/// Where options come from.
struct Sources {
    std::vector<std::string> arguments{};  ///< without the program's name
    Environment environment = process_environment;
    std::filesystem::path folder = std::filesystem::path();  ///< of ./cicada.conf; the current one
};

/// What is read of them.
enum class Reading : std::uint8_t {
    All,
    WhatLoads,  ///< only what says which test to load; nothing else is looked at, right or wrong
};

/// Fills the targets of `table`, each from the strongest source that has it, and returns what the
/// command line said.
///
/// Strength: command line; variables CICADA_X, then LOCUST_X; the file of --config;
///   ./pyproject.toml; ./cicada.conf; ./locust.conf; ~/.cicada.conf; ~/.locust.conf; defaults.
/// `config`: the target of --config, if the table has one.
/// Error: UnknownName for an unknown argument or key; base::Error, exit code 2, that names the
///   argument, the variable, or file and line.
/// Source: Locust, argument_parser.py; its documentation puts locust.conf before pyproject.toml,
///   its code and we do not.
GivenArguments read_sources(const std::vector<Option>& table,
                            const Sources& sources,
                            const std::optional<std::string>& config,
                            Reading reading = Reading::All);

}  // namespace cicada::cli
