// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cicada::cli {

/// SIGINT and SIGTERM for the whole program, also when it is process 1 of a container. SIGPIPE does
/// nothing (by a handler, so that programs a test starts have it as usual).
///
/// Until be_graceful() a signal ends the program at once, by a code of 128 + its number; then the
/// first one wakes wait(), and the second ends the program at once.
/// One object per process.
class Signals {
public:
    Signals();
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
