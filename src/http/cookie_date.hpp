// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace cicada::http {

/// The moment an Expires attribute names, in any of the many forms servers write.
///
/// Error: nothing when it is no date. Source: RFC 6265 §5.1.1.
[[nodiscard]] std::optional<base::WallTime> parse_cookie_date(std::string_view text);

}  // namespace cicada::http
