// SPDX-License-Identifier: Apache-2.0
#include "user/json_text.hpp"

#include <cstddef>
#include <cstdint>

namespace cicada::user {
namespace {

char short_escape(char letter) {
    switch (letter) {
        case '"':
            return '"';
        case '\\':
            return '\\';
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return 0;
    }
}

std::uint32_t hex_of(std::string_view digits) {
    std::uint32_t value = 0;
    for (const char digit : digits) {
        const auto letter = static_cast<std::uint32_t>(static_cast<unsigned char>(digit));
        value = value * 16 + (letter <= '9' ? letter - '0' : (letter | 32U) - 'a' + 10);
    }
    return value;
}

void append_utf8(std::string& to, std::uint32_t code) {
    const auto add = [&to](std::uint32_t byte) { to += static_cast<char>(byte); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xC0U | (code >> 6U));
        add(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        add(0xE0U | (code >> 12U));
        add(0x80U | ((code >> 6U) & 0x3FU));
        add(0x80U | (code & 0x3FU));
    } else {
        add(0xF0U | (code >> 18U));
        add(0x80U | ((code >> 12U) & 0x3FU));
        add(0x80U | ((code >> 6U) & 0x3FU));
        add(0x80U | (code & 0x3FU));
    }
}

/// Appends what the escape \uXXXX at `place` (of its u) stands for; returns its last digit's place.
std::size_t append_escaped_code(std::string& to, std::string_view raw, std::size_t place) {
    constexpr std::uint32_t kReplacement = 0xFFFD;  // for half of a surrogate pair
    std::uint32_t code = hex_of(raw.substr(place + 1, 4));
    place += 4;
    if (code >= 0xD800 && code < 0xDC00 && raw.substr(place + 1, 2) == "\\u") {
        const std::uint32_t low = hex_of(raw.substr(place + 3, 4));
        if (low >= 0xDC00 && low < 0xE000) {
            append_utf8(to, 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00));
            return place + 6;
        }
    }
    if (code >= 0xD800 && code < 0xE000) code = kReplacement;
    append_utf8(to, code);
    return place;
}

}  // namespace

void append_json_text(std::string& to, std::string_view value) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    to += '"';
    for (const char letter : value) {
        const auto code = static_cast<unsigned char>(letter);
        if (const char escape = short_escape(letter); escape != 0) {
            to += '\\';
            to += escape;
        } else if (code < 0x20) {
            to += "\\u00";
            to += kHex[code >> 4U];
            to += kHex[code & 15U];
        } else {
            to += letter;
        }
    }
    to += '"';
}

std::string unescaped_json(std::string_view raw) {
    std::string text;
    text.reserve(raw.size());
    for (std::size_t place = 0; place < raw.size(); ++place) {
        if (raw[place] != '\\') {
            text += raw[place];
            continue;
        }
        ++place;
        switch (raw[place]) {
            case 'b':
                text += '\b';
                break;
            case 'f':
                text += '\f';
                break;
            case 'n':
                text += '\n';
                break;
            case 'r':
                text += '\r';
                break;
            case 't':
                text += '\t';
                break;
            case 'u':
                place = append_escaped_code(text, raw, place);
                break;
            default:
                text += raw[place];
        }
    }
    return text;
}

}  // namespace cicada::user
