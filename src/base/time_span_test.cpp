// SPDX-License-Identifier: Apache-2.0
#include "base/time_span.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <utility>
#include <vector>

namespace cicada::base {
namespace {

using namespace std::chrono_literals;

TEST_CASE("time spans mean what they mean in Locust") {
    // Goal: command lines and scripts made for Locust go on working.
    // Method: vectors recorded from Locust's parse_timespan().
    const std::vector<std::pair<std::string_view, std::chrono::seconds>> valid = {
        {"7", 7s},
        {"0", 0s},
        {"007", 7s},
        {"7s", 7s},
        {"1m", 60s},
        {"2h", 7200s},
        {"1h3m7s", 3787s},
        {"90m", 90min},
        {"1h30m", 5400s},
        {"20m", 1200s},
        {"3h30m10s", 12610s},
        {"1m5s", 65s},
        {"100s", 100s},
        {"1h5s", 3605s}};
    for (const auto& [text, span] : valid) {
        CAPTURE(text);
        CHECK(parse_time_span(text) == std::chrono::nanoseconds(span));
    }
    for (const std::string_view text : {"",
                                        "q",
                                        "1h2m3",
                                        "1h30",
                                        "30m45",
                                        "-5",
                                        "1.5",
                                        "1d",
                                        "5s1m",
                                        "1m1h",
                                        "10 s",
                                        " 10",
                                        "10S",
                                        "h",
                                        "1hh"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_time_span(text).has_value());
    }
}

TEST_CASE("milliseconds may follow the seconds") {
    // Goal: short time limits can be written; absurd ones do not overflow.
    // Method: both ends.
    CHECK(parse_time_span("250ms") == 250ms);
    CHECK(parse_time_span("1s5ms") == 1005ms);
    CHECK_FALSE(parse_time_span("5ms1s").has_value());
    CHECK_FALSE(parse_time_span("1ms1ms").has_value());
    CHECK(parse_time_span("1000000h") == 1'000'000h);
    CHECK_FALSE(parse_time_span("1000001h").has_value());
    CHECK_FALSE(parse_time_span("99999999999999999999").has_value());
    CHECK_FALSE(parse_time_span("9223372036854775807").has_value());
}

TEST_CASE("a formatted time span reads back as itself") {
    // Goal: what the program prints may be typed.
    // Method: the law, over some spans.
    for (const auto span : {0ms, 5ms, 1000ms, 61'500ms, 5'400'000ms, 3'600'007ms}) {
        CHECK(parse_time_span(format_time_span(span)) == std::chrono::nanoseconds(span));
    }
    CHECK(format_time_span(90min + 5s) == "1h30m5s");
}

}  // namespace
}  // namespace cicada::base
