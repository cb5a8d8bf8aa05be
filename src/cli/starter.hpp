// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace cicada::cli {

/// The text of a test to start from, for a file of that name.
[[nodiscard]] std::string starter_test(const std::string& file);

}  // namespace cicada::cli
