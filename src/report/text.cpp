// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

namespace cicada::report {
namespace {

// The character at the beginning of `text`, and its bytes. What is no UTF-8 counts byte by byte.
std::pair<char32_t, std::size_t> first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC0 || length > text.size()) return {lead, 1};
    char32_t character = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {lead, 1};
        character = character << 6U | (byte(i) & 0x3FU);
    }
    return {character, length};
}

// Source: the wide ranges of Unicode's EastAsianWidth.txt, in large strokes; combining marks are 0.
std::size_t columns_of(char32_t character) {
    const auto within = [&](char32_t first, char32_t last) {
        return character >= first && character <= last;
    };
    if (within(0x300, 0x36F) || within(0x200B, 0x200F) || within(0xFE00, 0xFE0F)) return 0;
    const bool wide = within(0x1100, 0x115F) || within(0x2E80, 0xA4CF) || within(0xAC00, 0xD7A3) ||
                      within(0xF900, 0xFAFF) || within(0xFE30, 0xFE6F) || within(0xFF00, 0xFF60) ||
                      within(0x1F300, 0x1FAFF) || within(0x20000, 0x3FFFD);
    return wide ? 2 : 1;
}

}  // namespace

double in_ms(nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

std::string whole_ms(nanoseconds time) {
    const double ms = in_ms(time);
    if (time <= nanoseconds(0)) return "0";
    if (ms >= 1) return fmt::format("{}", static_cast<std::int64_t>(ms));
    return rounded_ms(std::min(time, nanoseconds(994'999)));
}

std::string rounded_ms(nanoseconds time) {
    const double ms = in_ms(time);
    if (time <= nanoseconds(0)) return "0";
    if (ms >= 0.995) return fmt::format("{:.0f}", ms);
    if (ms >= 0.0995) return fmt::format("{:.2f}", ms);
    return fmt::format("{:.3f}", std::max(ms, 0.001));
}

std::string even_ms(nanoseconds time) {
    const double ms = in_ms(time);
    if (time <= nanoseconds(0)) return "0";
    if (ms >= 99.95) return fmt::format("{:.0f}", ms);
    if (ms >= 9.995) return fmt::format("{:.1f}", ms);
    if (ms >= 0.9995) return fmt::format("{:.2f}", ms);
    return fmt::format("{:.3f}", std::max(ms, 0.001));
}

std::string short_ms(nanoseconds time) {
    const double ms = in_ms(time);
    if (time <= nanoseconds(0)) return "0";
    if (ms >= 99.95) return fmt::format("{:.0f}", ms);
    const int digits = 2 - static_cast<int>(std::floor(std::log10(ms)));
    std::string text = fmt::format("{:.{}f}", ms, digits);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

std::string python_float(double value) {
    std::string text = fmt::format("{}", value);
    if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
    return text;
}

std::string percent_header(double part) {
    const double percent = std::round(part * 1e8) / 1e6;
    return fmt::format("{}%", percent);
}

std::string with_commas(std::uint64_t value) {
    std::string text = std::to_string(value);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
    return text;
}

std::string utc_time(base::WallTime time) {
    const std::time_t whole = std::chrono::system_clock::to_time_t(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(whole));
}

std::string clock_text(nanoseconds time) {
    const auto s = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3'600) return fmt::format("{}:{:02} min", s / 60, s % 60);
    return fmt::format("{}:{:02}:{:02} h", s / 3'600, s / 60 % 60, s % 60);
}

std::string one_line(std::string_view text) {
    std::string line(text);
    for (char& byte : line) {
        const auto code = static_cast<unsigned char>(byte);
        if (code < 0x20 || code == 0x7F) byte = ' ';
    }
    return line;
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const auto [character, bytes] = first_character(text);
        columns += columns_of(character);
        text.remove_prefix(bytes);
    }
    return columns;
}

std::string clipped(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string(text);
    if (columns == 0) return "";
    std::string kept;
    std::size_t used = 1;  // the ellipsis
    while (!text.empty()) {
        const auto [character, bytes] = first_character(text);
        used += columns_of(character);
        if (used > columns) break;
        kept += text.substr(0, bytes);
        text.remove_prefix(bytes);
    }
    return kept + "…";
}

std::string left(std::string_view text, std::size_t columns) {
    std::string padded(text);
    const std::size_t used = columns_of(text);
    if (used < columns) padded.append(columns - used, ' ');
    return padded;
}

std::string right(std::string_view text, std::size_t columns) {
    const std::size_t used = columns_of(text);
    return used < columns ? std::string(columns - used, ' ') + std::string(text)
                          : std::string(text);
}

}  // namespace cicada::report
