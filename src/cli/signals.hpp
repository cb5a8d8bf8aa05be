// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace cicada::cli {

/// SIGINT and SIGTERM for the whole program, also when it is process 1 of a container. SIGPIPE does
/// nothing (by a handler, so that programs a test starts have it as usual).
///
/// Until be_graceful() a signal ends the program at once, by a code of 128 + its number; then the
/// first one wakes wait(), and the second ends the program at once.
/// One object per process.
class Signals {
public:
    /// Of SIGINT. Ignored: a terminal sends it to worker processes, too, whose parent ends them.
    enum class Interrupts : std::uint8_t { Heard, Ignored };

    explicit Signals(Interrupts interrupts = Interrupts::Heard);
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

    void be_graceful();

    /// Wakes wait(). Threads: any.
    void wake();

    /// Returns after the next signal or wake() since the last return.
    void wait();

    [[nodiscard]] bool asked_to_end() const;  ///< a signal came
};

}  // namespace cicada::cli
