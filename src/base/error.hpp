// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace cicada::base {

/// What the program returns. Source: Locust, main.py; 3 and 4 are Cicada's own.
enum class ExitCode : int {
    Passed = 0,
    Failed = 1,        ///< failed requests or task exceptions; a test that cannot be loaded
    BadArguments = 2,  ///< also: an exception escaped from a listener and nothing else decides
    ThresholdFailed = 3,
    Crashed = 4,          ///< a task kept crashing worker processes, and --on-crash says to stop
    BadUserConfig = 255,  ///< of --config-users; Locust's -1
};

/// The run cannot start or cannot go on: bad option, port taken, no user class.
///
/// Thrown anywhere outside user code, caught once, in the program's main.
class Error : public std::runtime_error {
public:
    explicit Error(const std::string& message, ExitCode exit_code = ExitCode::Failed)
        : std::runtime_error(message), exit_code_(exit_code) {}

    [[nodiscard]] ExitCode exit_code() const { return exit_code_; }

private:
    ExitCode exit_code_;
};

}  // namespace cicada::base
