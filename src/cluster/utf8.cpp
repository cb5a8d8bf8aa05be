// SPDX-License-Identifier: Apache-2.0
#include "cluster/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace cicada::cluster {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

bool continues(std::string_view text, std::size_t i) {
    return i < text.size() && (byte_at(text, i) & 0xC0U) == 0x80;
}

// Bytes of the character at the beginning of `text`, which is not empty; 0: there is none.
// Source: RFC 3629, section 4: no overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t character(std::string_view text) {
    const std::uint8_t first = byte_at(text, 0);
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4 || !continues(text, 1)) return 0;
    if (first < 0xE0) return 2;
    const std::uint8_t second = byte_at(text, 1);
    if (!continues(text, 2)) return 0;
    if (first < 0xF0) {
        const bool overlong = first == 0xE0 && second < 0xA0;
        const bool surrogate = first == 0xED && second >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    const bool overlong = first == 0xF0 && second < 0x90;
    const bool too_high = first == 0xF4 && second >= 0x90;
    return overlong || too_high || !continues(text, 3) ? 0 : 4;
}

}  // namespace

bool is_utf8(std::string_view text) {
    constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
    while (!text.empty()) {
        if (text.size() >= sizeof(std::uint64_t)) {  // most text is ASCII
            std::uint64_t word = 0;
            std::memcpy(&word, text.data(), sizeof(word));
            if ((word & kHighBits) == 0) {
                text.remove_prefix(sizeof(word));
                continue;
            }
        }
        const std::size_t size = character(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string as_utf8(std::string_view text) {
    std::string mended;
    mended.reserve(text.size());
    while (!text.empty()) {
        const std::size_t size = character(text);
        size == 0 ? mended += '?' : mended += text.substr(0, size);
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return mended;
}

std::string_view cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    std::size_t end = most;
    while (end > 0 && continues(text, end)) --end;
    return text.substr(0, end);
}

}  // namespace cicada::cluster
