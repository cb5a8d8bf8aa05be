// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/option.hpp"

namespace cicada::cli {

/// The help text: `usage`, then a block for each section.
[[nodiscard]] std::string help_text(const std::string& usage, const std::vector<Option>& table);

/// docs/guide/command-line.md, whole.
[[nodiscard]] std::string command_line_page(const std::vector<Option>& table);

}  // namespace cicada::cli
