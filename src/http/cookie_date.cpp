// SPDX-License-Identifier: Apache-2.0
#include "http/cookie_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>

#include "http/fields.hpp"

namespace cicada::http {
namespace {

struct DateParts {
    int year = -1, month = -1, day = -1;
    int hour = -1, minute = -1, second = -1;
};

bool is_delimiter(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 9 || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
           (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

// The number of `least` to `most` digits that `text` begins with, not followed by another digit;
// it is taken from `text`. -1: none.
int take_number(std::string_view& text, std::size_t least, std::size_t most) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits < least || digits > most) return -1;
    int value = -1;
    std::from_chars(text.data(), text.data() + digits, value);
    text.remove_prefix(digits);
    return value;
}

bool take_time(std::string_view token, DateParts& parts) {
    DateParts found;
    found.hour = take_number(token, 1, 2);
    if (found.hour < 0 || !token.starts_with(':')) return false;
    token.remove_prefix(1);
    found.minute = take_number(token, 1, 2);
    if (found.minute < 0 || !token.starts_with(':')) return false;
    token.remove_prefix(1);
    found.second = take_number(token, 1, 2);
    if (found.second < 0) return false;
    parts.hour = found.hour;
    parts.minute = found.minute;
    parts.second = found.second;
    return true;
}

int month_of(std::string_view token) {
    static constexpr std::array<std::string_view, 12> kMonths{
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (same_name(token.substr(0, 3), kMonths[i])) return static_cast<int>(i) + 1;
    }
    return -1;
}

void take_token(std::string_view token, DateParts& parts) {
    if (parts.hour < 0 && take_time(token, parts)) return;
    if (parts.day < 0) {
        auto rest = token;
        parts.day = take_number(rest, 1, 2);
        if (parts.day >= 0) return;
    }
    if (parts.month < 0) {
        parts.month = month_of(token);
        if (parts.month >= 0) return;
    }
    if (parts.year < 0) parts.year = take_number(token, 2, 4);
}

}  // namespace

std::optional<base::WallTime> parse_cookie_date(std::string_view text) {
    DateParts parts;
    while (!text.empty()) {
        const auto begin = std::find_if_not(text.begin(), text.end(), is_delimiter);
        text.remove_prefix(static_cast<std::size_t>(begin - text.begin()));
        const auto end = std::find_if(text.begin(), text.end(), is_delimiter);
        const auto length = static_cast<std::size_t>(end - text.begin());
        take_token(text.substr(0, length), parts);
        text.remove_prefix(length);
    }
    if (parts.year >= 70 && parts.year <= 99) parts.year += 1900;
    if (parts.year >= 0 && parts.year <= 69) parts.year += 2000;
    const std::chrono::year_month_day date{std::chrono::year{parts.year},
                                           std::chrono::month{static_cast<unsigned>(parts.month)},
                                           std::chrono::day{static_cast<unsigned>(parts.day)}};
    const bool time_holds =
        parts.hour >= 0 && parts.hour <= 23 && parts.minute <= 59 && parts.second <= 59;
    const bool date_holds = parts.year >= 1601 && parts.month >= 1 && parts.day >= 1 && date.ok();
    if (!date_holds || !time_holds) return {};
    const auto seconds = std::chrono::sys_days(date) + std::chrono::hours{parts.hour} +
                         std::chrono::minutes{parts.minute} + std::chrono::seconds{parts.second};
    using WallDuration = base::WallTime::duration;
    // The clock counts nanoseconds: it ends in 2262.
    if (seconds > std::chrono::time_point_cast<std::chrono::seconds>(base::WallTime::max())) {
        return base::WallTime::max();
    }
    if (seconds < std::chrono::time_point_cast<std::chrono::seconds>(base::WallTime::min())) {
        return base::WallTime::min();
    }
    return base::WallTime(std::chrono::duration_cast<WallDuration>(seconds.time_since_epoch()));
}

}  // namespace cicada::http
