// SPDX-License-Identifier: Apache-2.0
#include "base/time_span.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>

namespace cicada::base {
namespace {

using std::chrono::nanoseconds;

struct Unit {
    std::string_view suffix;
    nanoseconds length;
};

constexpr std::array<Unit, 4> kUnits = {{{"h", std::chrono::hours(1)},
                                         {"m", std::chrono::minutes(1)},
                                         {"s", std::chrono::seconds(1)},
                                         {"ms", std::chrono::milliseconds(1)}}};
constexpr nanoseconds kLongest = std::chrono::hours(1'000'000);

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

/// Takes the leading number off `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t number = 0;
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// Takes the letters up to the next digit off `text`.
std::string_view take_suffix(std::string_view& text) {
    std::size_t length = 0;
    while (length < text.size() && !is_digit(text[length])) ++length;
    const std::string_view suffix = text.substr(0, length);
    text.remove_prefix(length);
    return suffix;
}

std::optional<nanoseconds> times(std::int64_t count, nanoseconds unit) {
    if (count > kLongest / unit) return std::nullopt;
    return count * unit;
}

}  // namespace

std::optional<nanoseconds> parse_time_span(std::string_view text) {
    if (text.empty()) return std::nullopt;
    nanoseconds sum{};
    std::size_t next_unit = 0;
    bool first = true;
    while (!text.empty()) {
        const auto number = take_number(text);
        if (!number) return std::nullopt;
        if (first && text.empty()) return times(*number, std::chrono::seconds(1));
        const std::string_view suffix = take_suffix(text);
        while (next_unit < kUnits.size() && kUnits[next_unit].suffix != suffix) ++next_unit;
        if (next_unit == kUnits.size()) return std::nullopt;
        const auto part = times(*number, kUnits[next_unit].length);
        if (!part) return std::nullopt;
        sum += *part;
        if (sum > kLongest) return std::nullopt;
        ++next_unit;
        first = false;
    }
    return sum;
}

std::string format_time_span(nanoseconds span) {
    std::string text;
    for (const Unit& unit : kUnits) {
        if (const auto count = span / unit.length; count != 0) {
            text += fmt::format("{}{}", count, unit.suffix);
            span -= count * unit.length;
        }
    }
    return text.empty() ? "0s" : text;
}

}  // namespace cicada::base
