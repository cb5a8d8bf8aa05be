// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cicada::scenario {

/// What the compiler warns of in test files that compile, in its own words; empty: nothing. A .so
/// is passed over. Slow: each file is read by the compiler once more. Error: base::Error when the
/// compiler cannot be run.
[[nodiscard]] std::string compiler_warnings(const std::vector<std::filesystem::path>& test_files);

}  // namespace cicada::scenario
