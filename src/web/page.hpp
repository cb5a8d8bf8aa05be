// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "web/server.hpp"

namespace cicada::web {

/// The page at `/`: one self-contained HTML document that polls /stats/requests. The form begins
/// with what `options` says.
[[nodiscard]] std::string page(const ServerOptions& options);

}  // namespace cicada::web
