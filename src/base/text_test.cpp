// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <doctest/doctest.h>

namespace cicada::base {

// Goal: what many rows of the program read and show. Method: the ends of each case.
TEST_CASE("text is trimmed, lowered and numbers are shown short") {
    CHECK(trimmed(" \t a b\t ") == "a b");
    CHECK(trimmed(" \t") == "");
    CHECK(trimmed("a\r\n") == "a\r\n");
    CHECK(trimmed("a\r\n", "\r\n") == "a");
    CHECK(lower_case("Set-Cookie Ä [Z]") == "set-cookie Ä [z]");
    CHECK(number_for_people(3) == "3");
    CHECK(number_for_people(-0.5) == "-0.5");
    CHECK(number_for_people(183.24) == "183.2");
    CHECK(number_for_people(183.04) == "183");
    CHECK(number_for_people(1204.34) == "1204.3");
    CHECK(number_for_people(1e16) == "10000000000000000.0");
}

}  // namespace cicada::base
