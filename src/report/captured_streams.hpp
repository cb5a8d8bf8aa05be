// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

namespace cicada::report {

/// Whatever the process prints to stdout and stderr, taken from the terminal while a live table is
/// drawn there.
///
/// Those of the two that are terminals become a pipe; the others are left alone. They are given
/// back by restore(), at exit and on a crash. One at a time per process.
class CapturedStreams {
public:
    CapturedStreams();
    CapturedStreams(const CapturedStreams&) = delete;
    CapturedStreams& operator=(const CapturedStreams&) = delete;
    ~CapturedStreams();

    /// Becomes readable when something was printed; -1 when there was nothing to capture.
    [[nodiscard]] int descriptor() const { return read_end_; }

    /// The terminal's own descriptor; stderr's unless only stdout is a terminal. -1: none.
    [[nodiscard]] int terminal() const;

    /// The whole lines that were printed since the last call; a line without its end is kept until
    /// it comes.
    [[nodiscard]] std::string take_lines();

    /// Gives both back; returns what was printed and not taken.
    [[nodiscard]] std::string restore();

private:
    void read_all();

    std::array<int, 2> saved_{-1, -1};  // what stdout and stderr were
    int read_end_ = -1;
    std::string pending_;
};

}  // namespace cicada::report
