// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cicada::stats {

// Rows that take what exceeds a cap, and what the person is told then.
inline constexpr std::string_view kOtherName = "(other)";
inline constexpr std::string_view kOtherErrors = "other errors";
inline constexpr std::string_view kOtherExceptions = "other exceptions";

[[nodiscard]] std::string names_warning(std::size_t most);
[[nodiscard]] std::string errors_warning(std::size_t most);
[[nodiscard]] std::string exceptions_warning(std::size_t most);
[[nodiscard]] std::string metrics_warning(std::size_t most);

}  // namespace cicada::stats
