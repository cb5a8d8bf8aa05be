// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "user/declaration.hpp"

namespace cicada::cli {

/// How many users of each class there will be, exactly as a run starts them; without a number and
/// without fixed counts, the weights themselves. Users of arrivals come by their rate, not by a
/// number: 0.
[[nodiscard]] std::vector<double> users_of_classes(
    const std::vector<const user::Declaration*>& classes, std::optional<std::int64_t> users);

}  // namespace cicada::cli
