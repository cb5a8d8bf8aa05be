// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "user/declaration.hpp"

namespace cicada::cli {

/// The classes of the loaded test that `names` name; all if there is no name.
/// Error: base::Error, exit code 1, for a name that no class has.
[[nodiscard]] std::vector<const user::Declaration*> chosen_classes(
    const std::vector<std::string>& names);

}  // namespace cicada::cli
