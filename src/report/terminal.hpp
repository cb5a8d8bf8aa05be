// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace cicada::report {

/// What a descriptor leads to, as far as a display has to know.
struct Terminal {
    bool is_terminal = false;
    bool redraws = false;  ///< understands the sequences of a live display (TERM is not "dumb")
    bool colours = false;  ///< ... and NO_COLOR is not set
    bool utf8 = false;     ///< by LC_ALL, LC_CTYPE or LANG
};

[[nodiscard]] Terminal terminal_of(int fd);

struct TerminalSize {
    std::size_t columns = 0;  ///< 0: not a terminal
    std::size_t rows = 0;
};

/// Asks each time: a person may resize the window.
[[nodiscard]] TerminalSize size_of(int fd);

}  // namespace cicada::report
