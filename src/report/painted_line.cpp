// SPDX-License-Identifier: Apache-2.0
#include "report/painted_line.hpp"

#include <fmt/format.h>

#include <array>

#include "report/text.hpp"

namespace cicada::report {

std::string painted(std::string_view text, Ink ink, bool colours) {
    static constexpr std::array<std::string_view, 7> kCodes{"", "1", "2", "32", "33", "31", "36"};
    if (!colours || ink == Ink::Plain || text.empty()) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", kCodes.at(static_cast<std::size_t>(ink)), text);
}

PaintedLine& PaintedLine::add(std::string_view text, Ink ink) {
    const std::string shown = clipped(text, room());
    line_.columns += columns_of(shown);
    line_.text += painted(shown, ink, colours_);
    return *this;
}

PaintedLine& PaintedLine::skip_to(std::size_t column) {
    if (column > line_.columns) add(std::string(column - line_.columns, ' '));
    return *this;
}

}  // namespace cicada::report
