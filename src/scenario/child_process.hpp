// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace cicada::scenario {

/// What a program printed and how it ended.
struct Finished {
    int exit_code = 0;     ///< 128 + signal if a signal ended it, as a shell says it
    std::string output{};  ///< its stdout
    std::string errors{};  ///< its stderr; of both at most kPrintedLimit bytes are kept
};

inline constexpr std::size_t kPrintedLimit = 4 << 20;

/// Starts `command` (looked up in PATH) with LC_ALL=C and no input, and waits for its end.
///
/// posix_spawn, never fork; of our descriptors it inherits none but the two it prints to. Signals
/// are as a shell would hand them over.
/// Error: why it could not be started, e.g. "No such file or directory".
/// Threads: any. Blocks; never on an engine's thread.
base::Result<Finished> run_program(const std::vector<std::string>& command);

}  // namespace cicada::scenario
