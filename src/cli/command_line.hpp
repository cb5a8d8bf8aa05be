// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "cli/sources.hpp"

namespace cicada::cli {

/// What can be said before the test is loaded.
struct FirstLook {
    Settings settings{};

    /// What is wrong unless the test declares an option that makes it right; `settings` then say
    /// which test that is, and nothing else.
    std::optional<base::Error> doubt{};
};

/// Reads the sources with the program's own options alone.
/// Error: base::Error, exit code 2, for what no option of a test can make right.
[[nodiscard]] FirstLook look_at_command_line(const Sources& sources);

/// Reads the sources with the program's options and those `of_test`, then looks at what has to hold
/// between them.
/// Error: base::Error, exit code 2 (1 where Locust says so).
[[nodiscard]] Settings parse_command_line(const Sources& sources,
                                          const std::vector<Option>& of_test = {});

/// Of `cicada demo-server`; without these two words.
[[nodiscard]] DemoSettings parse_demo_command_line(const std::vector<std::string>& arguments);

/// Of `cicada cluster-sim`; likewise.
[[nodiscard]] SimulationSettings parse_simulation_command_line(
    const std::vector<std::string>& arguments);

}  // namespace cicada::cli
