// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "report/live_screen.hpp"

namespace cicada::report {

enum class Ink : std::uint8_t { Plain, Bold, Dim, Green, Yellow, Red, Cyan };

/// `text` in a colour, by a terminal's escape sequences; as it is without colours.
[[nodiscard]] std::string painted(std::string_view text, Ink ink, bool colours);

/// Builds one line of at most so many columns; what does not fit is cut.
class PaintedLine {
public:
    PaintedLine(std::size_t columns, bool colours) : most_(columns), colours_(colours) {}

    PaintedLine& add(std::string_view text, Ink ink = Ink::Plain);

    /// Blanks up to column `column`.
    PaintedLine& skip_to(std::size_t column);

    [[nodiscard]] std::size_t columns() const { return line_.columns; }
    [[nodiscard]] std::size_t room() const { return most_ - line_.columns; }
    [[nodiscard]] const DrawnLine& line() const { return line_; }

private:
    std::size_t most_;
    bool colours_;
    DrawnLine line_{};
};

}  // namespace cicada::report
