// SPDX-License-Identifier: Apache-2.0
#include "http/fields.hpp"

#include <doctest/doctest.h>

using namespace cicada::http;

TEST_CASE("a field is found in a raw head, whatever its case") {
    // Goal: lookup works on the bytes as received. Method: one head with the awkward shapes.
    constexpr std::string_view kHead =
        "HTTP/1.1 200 OK: fine\r\nServer:x\r\ncontent-TYPE: \t text/html; a=b \r\nEmpty:\r\n"
        "Server: second\r\n\r\n";
    CHECK(find_field(kHead, "Content-Type") == "text/html; a=b");
    CHECK(find_field(kHead, "server") == "x");
    CHECK(find_field(kHead, "EMPTY") == "");
    CHECK_FALSE(find_field(kHead, "Serve").has_value());
    CHECK_FALSE(find_field(kHead, "HTTP/1.1 200 OK").has_value());
    CHECK_FALSE(find_field("", "a").has_value());
    CHECK_FALSE(find_field("HTTP/1.1 200 OK", "a").has_value());
}

TEST_CASE("the cursor gives each field once, in order") {
    // Goal: repeated fields are all seen. Method: walk a head with two of one name.
    FieldCursor cursor("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nA: 3\r\n\r\n");
    CHECK(cursor.next()->value == "1");
    CHECK(cursor.next()->name == "B");
    CHECK(cursor.next()->value == "3");
    CHECK_FALSE(cursor.next().has_value());
    CHECK_FALSE(cursor.next().has_value());

    FieldCursor named("GET / HTTP/1.1\r\nA: 1\r\nAA: 2\r\na:3 \r\n\r\n");
    CHECK(named.next_named("a") == "1");
    CHECK(named.next_named("a") == "3");
    CHECK_FALSE(named.next_named("a").has_value());
}
