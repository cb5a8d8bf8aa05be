// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include <doctest/doctest.h>

namespace cicada::report {
namespace {

using namespace std::chrono_literals;

TEST_CASE("times in Locust's tables are whole milliseconds, but not 0 below one") {
    // Goal: cut or rounded as Locust does it, decimals below 1 ms, never 0 for what took time.
    CHECK(whole_ms(0ns) == "0");
    CHECK(whole_ms(1ns) == "0.001");
    CHECK(whole_ms(45us) == "0.045");
    CHECK(whole_ms(234us) == "0.23");
    CHECK(whole_ms(999us) == "0.99");
    CHECK(whole_ms(1'999us) == "1");
    CHECK(whole_ms(1'253'900us) == "1253");
    CHECK(rounded_ms(0ns) == "0");
    CHECK(rounded_ms(234us) == "0.23");
    CHECK(rounded_ms(998us) == "1");
    CHECK(rounded_ms(1'999us) == "2");
    CHECK(rounded_ms(3h) == "10800000");
}

TEST_CASE("times in files and in the live display have three digits") {
    // Goal: an error below 0.5 %, and in files no zero that says nothing.
    CHECK(short_ms(1'230ns) == "0.00123");
    CHECK(short_ms(229'400ns) == "0.229");
    CHECK(short_ms(2'934us) == "2.93");
    CHECK(short_ms(2'900us) == "2.9");
    CHECK(short_ms(12ms) == "12");
    CHECK(short_ms(99'960us) == "100");
    CHECK(short_ms(4'218'400us) == "4218");
    CHECK(even_ms(4us) == "0.004");
    CHECK(even_ms(999'600ns) == "1.00");
    CHECK(even_ms(2'900us) == "2.90");
    CHECK(even_ms(9'996us) == "10.0");
    CHECK(even_ms(99'960us) == "100");
}

TEST_CASE("numbers as Python and people write them") {
    // Goal: the spellings that readers of Locust's files know.
    CHECK(python_float(2.5) == "2.5");
    CHECK(python_float(10) == "10.0");
    CHECK(python_float(0) == "0.0");
    CHECK(python_float(0.1) == "0.1");
    CHECK(python_float(1e-7) == "1e-07");
    CHECK(percent_header(0.5) == "50%");
    CHECK(percent_header(0.29) == "29%");
    CHECK(percent_header(0.9999) == "99.99%");
    CHECK(percent_header(1.0) == "100%");
    CHECK(with_commas(7) == "7");
    CHECK(with_commas(123) == "123");
    CHECK(with_commas(1'234'567) == "1,234,567");
    CHECK(utc_time(base::WallTime{1'700'000'000s}) == "2023-11-14T22:13:20Z");
    CHECK(clock_text(7s) == "7 s");
    CHECK(clock_text(125s) == "2:05 min");
    CHECK(clock_text(3'725s) == "1:02:05 h");
}

TEST_CASE("foreign texts cannot break a line or move the cursor") {
    // Goal: control characters are gone, widths are a terminal's, cuts lie between characters.
    CHECK(one_line("a\nb\x1b[2J\tc") == "a b [2J c");
    CHECK(columns_of("caf\xC3\xA9") == 4);
    CHECK(columns_of("\xE4\xBD\xA0\xE5\xA5\xBD") == 4);  // two wide characters
    CHECK(columns_of("\xFF\xC3") == 2);                  // no UTF-8: byte by byte
    CHECK(clipped("abcdef", 6) == "abcdef");
    CHECK(clipped("abcdef", 4) == "abc…");
    CHECK(clipped("\xE4\xBD\xA0\xE5\xA5\xBD", 3) == "\xE4\xBD\xA0…");
    CHECK(clipped("abc", 0).empty());
    CHECK(left("é", 3) == "é  ");
    CHECK(right("é", 3) == "  é");
    CHECK(right("abcd", 3) == "abcd");
}

}  // namespace
}  // namespace cicada::report
