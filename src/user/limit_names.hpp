// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "user/limit_progress.hpp"

namespace cicada::user {

/// "executions", "requests" or "iterations".
[[nodiscard]] std::string_view counted_by(LimitKind kind);

}  // namespace cicada::user
