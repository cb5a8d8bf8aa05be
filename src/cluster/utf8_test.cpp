// SPDX-License-Identifier: Apache-2.0
#include "cluster/utf8.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

namespace cicada::cluster {
namespace {

// A character of Unicode, or what would be one, in the length it asks for.
std::string bytes_of(std::uint32_t code, int length) {
    if (length == 1) return {static_cast<char>(code)};
    std::string bytes;
    const std::uint32_t marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    bytes += static_cast<char>(marks[length] | code >> (6 * (length - 1)));
    for (int i = length - 2; i >= 0; --i) {
        bytes += static_cast<char>(0x80U | (code >> (6 * i) & 0x3FU));
    }
    return bytes;
}

int shortest(std::uint32_t code) {
    if (code < 0x80) return 1;
    if (code < 0x800) return 2;
    return code < 0x10000 ? 3 : 4;
}

}  // namespace

TEST_CASE("each character of Unicode in its shortest form is UTF-8, and nothing else") {
    // Goal: RFC 3629 over the whole range. Method: every code in every length that can hold it.
    int wrong = 0;
    for (std::uint32_t code = 0; code < 0x200000; code += code < 0x11000 ? 1 : 7) {
        const bool is_one = code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
        for (int length = shortest(code); length <= 4; ++length) {
            if (length == 1 && code >= 0x80) continue;
            const bool expected = is_one && length == shortest(code);
            if (is_utf8("x" + bytes_of(code, length)) != expected) ++wrong;
        }
    }
    CHECK(wrong == 0);
    CHECK(is_utf8(""));
    CHECK(is_utf8("a long text without anything special in it"));
    CHECK_FALSE(is_utf8("a long text with something at its end \xC3"));
    CHECK_FALSE(is_utf8("\x80"));
    CHECK_FALSE(is_utf8("\xFF"));
}

TEST_CASE("as_utf8 replaces what is none, byte by byte") {
    CHECK(as_utf8("a\xC3(\xE2\x82\xAC\xE2\x82") == "a?(\xE2\x82\xAC??");
    CHECK(is_utf8(as_utf8("\xF5\x80\xC0\xAF\xED\xA0\x80")));
}

TEST_CASE("cut ends before a character, not within") {
    CHECK(cut("abc", 3) == "abc");
    CHECK(cut("abc", 2) == "ab");
    CHECK(cut("a\xE2\x82\xAC", 3) == "a");
    CHECK(cut("a\xE2\x82\xAC", 4) == "a\xE2\x82\xAC");
}

}  // namespace cicada::cluster
