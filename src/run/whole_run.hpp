// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "run/control.hpp"
#include "run/outcome.hpp"

namespace cicada::run {

/// A run as the program that hosts it sees it, from its start to its end.
class WholeRun : public RunControl {
public:
    /// The start of a program that nobody has to press a button in: start(), or, of a master, as
    /// soon as its workers are there.
    virtual base::Result<void> begin(const Target& target) = 0;

    /// Waits until the program may end: the `quitting` listeners have returned.
    virtual void wait_until_finished() = 0;

    /// Calls the `quit` listeners and ends all threads. After wait_until_finished(), once.
    virtual void end(int exit_code) = 0;

    [[nodiscard]] virtual Outcome outcome() const = 0;
};

}  // namespace cicada::run
