// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace cicada::user {

/// Appends `value` as a JSON text, in quotes. Source: RFC 8259, section 7.
void append_json_text(std::string& to, std::string_view value);

/// What the JSON text `raw` (valid, without its quotes) stands for; escapes become UTF-8.
[[nodiscard]] std::string unescaped_json(std::string_view raw);

}  // namespace cicada::user
