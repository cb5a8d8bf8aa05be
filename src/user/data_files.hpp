// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

namespace cicada::user {

class Registry;

/// The files that the test's feeders and assets name, absolute. `folder`: where paths start that no
/// test file declared.
[[nodiscard]] std::vector<std::filesystem::path> data_files(const Registry& registry,
                                                            const std::filesystem::path& folder);

}  // namespace cicada::user
