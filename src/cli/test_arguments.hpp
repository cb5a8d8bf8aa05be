// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/option.hpp"
#include "user/registry.hpp"

namespace cicada::cli {

/// The options that the loaded test has declared, a section of their own; assigning them gives the
/// test's arguments their values. `own` are the program's.
///
/// Shape: they refer to `registry`.
/// Error: base::Error, exit code 1, with the place of each that has the name of one of ours.
[[nodiscard]] std::vector<Option> options_of_test(const user::Registry& registry,
                                                  const std::vector<Option>& own);

/// Error: base::Error, exit code 2, if the test requires arguments that were not given.
void expect_required_arguments(const user::Registry& registry);

}  // namespace cicada::cli
