// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/option.hpp"
#include "cli/settings.hpp"

namespace cicada::cli {

/// The program's options, in the order of the help; they write into `settings`.
/// Source: Locust, argument_parser.py, for those it has.
[[nodiscard]] std::vector<Option> option_table(Settings& settings);

/// Those of `cicada demo-server`.
[[nodiscard]] std::vector<Option> option_table(DemoSettings& settings);

/// Those of `cicada cluster-sim`.
[[nodiscard]] std::vector<Option> option_table(SimulationSettings& settings);

}  // namespace cicada::cli
