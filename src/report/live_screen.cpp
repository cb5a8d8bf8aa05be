// SPDX-License-Identifier: Apache-2.0
#include "report/live_screen.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cicada::report {
namespace {

constexpr std::string_view kEraseToLineEnd = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";

}  // namespace

std::string LiveScreen::to_top(std::size_t terminal_columns) const {
    if (drawn_.empty()) return "";
    const std::size_t width = std::max<std::size_t>(terminal_columns, 1);
    std::size_t rows = 0;
    for (const DrawnLine& line : drawn_) {
        rows += std::max<std::size_t>((line.columns + width - 1) / width, 1);
    }
    return rows > 1 ? fmt::format("\r\x1b[{}A", rows - 1) : "\r";
}

std::string LiveScreen::joined() const {
    std::string text;
    for (const DrawnLine& line : drawn_) {
        if (&line != &drawn_.front()) text += "\r\n";
        text += line.text;
        text += kEraseToLineEnd;
    }
    return text;
}

std::string LiveScreen::draw(const std::vector<DrawnLine>& lines, std::size_t terminal_columns) {
    std::string bytes = to_top(terminal_columns);
    drawn_ = lines;
    bytes += joined();
    bytes += kEraseBelow;
    return bytes;
}

std::string LiveScreen::print_above(std::string_view text, std::size_t terminal_columns) {
    std::string bytes = to_top(terminal_columns);
    bytes += kEraseBelow;
    bytes += text;
    if (!text.empty() && text.back() != '\n') bytes += '\n';
    return bytes + joined();
}

std::string LiveScreen::erase(std::size_t terminal_columns) {
    if (drawn_.empty()) return "";
    std::string bytes = to_top(terminal_columns);
    drawn_.clear();
    bytes += kEraseBelow;
    return bytes;
}

}  // namespace cicada::report
