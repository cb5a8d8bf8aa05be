// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cicada::cluster {

[[nodiscard]] bool is_utf8(std::string_view text);

/// With "?" in place of each byte that is no part of UTF-8.
[[nodiscard]] std::string as_utf8(std::string_view text);

/// The beginning of a text of at most `most` bytes, not ending within a character.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t most);

}  // namespace cicada::cluster
