// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "fiber/scheduler.hpp"

namespace cicada::demo {

struct DemoOptions {
    std::string host = "127.0.0.1";  ///< a literal address
    std::uint16_t port = 8000;       ///< 0: any free one
    std::string trace_header{};      ///< collects its values for /seen; empty: none
    fiber::IoKind io = fiber::IoKind::Auto;
};

/// Runs the demo shop until SIGINT or SIGTERM and prints `demo shop on http://127.0.0.1:8000` to
/// stdout first. Returns the exit code, 0.
///
/// Error: base::Error when it cannot listen. Blocks; makes a scheduler of its own.
int run_server(const DemoOptions& options);

}  // namespace cicada::demo
