// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace cicada::demo {

/// A page of the shop around `content`, which is HTML already.
[[nodiscard]] std::string html_page(std::string_view title, std::string_view content);

/// `a<b` to `a&lt;b`.
[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace cicada::demo
