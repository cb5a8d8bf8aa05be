// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace cicada::scenario {

/// `path` as a person would write it: relative if it lies below the current folder.
std::string shown(const std::filesystem::path& path);

}  // namespace cicada::scenario
