// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::report {

/// One line as it is drawn: its text with colour sequences, and how many columns it takes.
struct DrawnLine {
    std::string text;
    std::size_t columns = 0;
};

/// The lowest lines of a terminal, drawn again and again in place, with ordinary lines scrolling
/// away above them. Makes the bytes; writes nothing itself.
class LiveScreen {
public:
    /// Draws `lines` over the ones before. `terminal_columns` is the present width: lines drawn for
    /// a wider one may have been wrapped since.
    [[nodiscard]] std::string draw(const std::vector<DrawnLine>& lines,
                                   std::size_t terminal_columns);

    /// Puts `text` (whole lines) above them.
    [[nodiscard]] std::string print_above(std::string_view text, std::size_t terminal_columns);

    /// Takes them away.
    [[nodiscard]] std::string erase(std::size_t terminal_columns);

private:
    [[nodiscard]] std::string to_top(std::size_t terminal_columns) const;
    [[nodiscard]] std::string joined() const;

    std::vector<DrawnLine> drawn_;
};

}  // namespace cicada::report
