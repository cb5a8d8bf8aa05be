// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <source_location>
#include <string>

namespace cicada::base {

/// `path` as a person would write it: relative if it lies below the current folder.
[[nodiscard]] std::string shown(const std::filesystem::path& path);

/// FILE:LINE, the file likewise.
[[nodiscard]] std::string shown(const std::source_location& place);

}  // namespace cicada::base
