// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "http/wire_observer.hpp"

namespace cicada::report {

/// The exchange for the eye: what was sent behind `>`, what came behind `<`. JSON is laid out, what
/// is no text is only counted, and nothing in it moves a terminal's cursor.
/// Shape: of a body the first 4,000 characters; ends with an empty line.
[[nodiscard]] std::string shown_exchange(const http::SeenExchange& seen);

/// The exchange as one line of JSON for `--record`; docs/guide/debugging.md has its keys. `task` is
/// who sent it, "Shopper.browse".
/// Shape: ends with a line feed; a body that is no UTF-8 is in base64 under another key.
[[nodiscard]] std::string recorded_exchange(const http::SeenExchange& seen, std::string_view task);

}  // namespace cicada::report
