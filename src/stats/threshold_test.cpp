// SPDX-License-Identifier: Apache-2.0
#include "stats/threshold.hpp"

#include <doctest/doctest.h>

#include <random>

namespace cicada::stats {
namespace {

Threshold parsed(std::string_view text) {
    const auto threshold = parse_threshold(text);
    INFO(text);
    REQUIRE(threshold);
    return *threshold;
}

std::string error_of(std::string_view text) {
    const auto threshold = parse_threshold(text);
    INFO(text);
    REQUIRE_FALSE(threshold);
    return threshold.error();
}

bool is_refused(std::string_view text, std::string_view beginning) {
    return error_of(text).starts_with(beginning);
}

const std::vector<MetricKey> kDeclared{
    {MetricKind::Counter, MetricUnit::Number, "orders", ""},
    {MetricKind::Gauge, MetricUnit::Number, "stock", ""},
    {MetricKind::Rate, MetricUnit::Number, "cache hits", ""},
    {MetricKind::Trend, MetricUnit::Number, "basket", ""},
};

std::string complaint(std::string_view text) {
    return complaint_about(parsed(text), kDeclared).value_or("");
}

TEST_CASE("a threshold has a subject, a measure, a comparison and a limit") {
    // Goal: each part is understood, with and without spaces around it.
    // Method: texts and their parts by hand.
    Threshold found = parsed("p95 < 200ms");
    CHECK(found.subject.empty());
    CHECK(found.measure == Measure::Percentile);
    CHECK(found.percentile == 0.95);
    CHECK(found.comparison == Comparison::Less);
    CHECK(found.limit == 200e6);
    CHECK(found.unit == LimitUnit::Time);

    found = parsed("  GET /items/[id]:p99.99<=1.5 s ");
    CHECK(found.text == "GET /items/[id]:p99.99<=1.5 s");
    CHECK(found.subject == "GET /items/[id]");
    CHECK(found.measure_name == "p99.99");
    CHECK(found.percentile == doctest::Approx(0.9999));
    CHECK(found.comparison == Comparison::AtMost);
    CHECK(found.limit == 1.5e9);

    found = parsed("fail_ratio < 1%");
    CHECK(found.measure == Measure::FailRatio);
    CHECK(found.limit == doctest::Approx(0.01));
    CHECK(parsed("fail_ratio==0.25").limit == 0.25);
    CHECK(parsed("rps >= 1000/s").limit == 1000);
    CHECK(parsed("count != 0").comparison == Comparison::Unequal);
    CHECK(parsed("stock: value > -5").limit == -5);
    CHECK(parsed("median < 2min").limit == 120e9);
    CHECK(parsed("max<250us").limit == 250e3);
    CHECK(parsed("dropped_arrivals < 1%").unit == LimitUnit::Percent);
    CHECK(parsed("dropped_arrivals == 0").unit == LimitUnit::None);
}

TEST_CASE("a subject may hold what a comparison is made of") {
    // Goal: names of requests with colons, comparison signs and ports are taken whole.
    // Method: such names.
    CHECK(parsed("GET http://shop:8000/: p99 < 1s").subject == "GET http://shop:8000/");
    CHECK(parsed("GET /search?a=1&b<2: avg < 1s").subject == "GET /search?a=1&b<2");
    CHECK(parsed("basket{page=cart,region=eu}: p50 < 10").subject == "basket{page=cart,region=eu}");
    CHECK(check_of(parsed("check logged in: ratio > 99%").subject) == "logged in");
    CHECK_FALSE(check_of("checks"));
}

TEST_CASE("what is wrong is said in one line") {
    // Goal: each mistake names the word that is wrong, and what would be right.
    // Method: mistakes and their texts.
    CHECK(error_of("") == "it compares nothing: write p95 < 200ms, with <, <=, >, >=, == or !=");
    CHECK(error_of("p95") == error_of(""));
    CHECK(error_of("< 200ms") == "what is compared? Write p95 < 200ms");
    CHECK(error_of("p95 <") == "there is nothing to compare with: write p95 < 200ms");
    CHECK(error_of("p95 < 200") == "p95 is a time, so it needs a unit: p95 < 200ms");
    CHECK(error_of("p95 < 1%") == "p95 is a time, so it needs a unit: p95 < 200ms");
    CHECK(error_of("p95 = 200ms") == "\"=\" is no comparison; there are <, <=, >, >=, == and !=");
    CHECK(error_of("p95 < fast") == "\"fast\" is no number");
    CHECK(error_of("p95 < 200 msec") ==
          "\"200 msec\": units are us, ms, s, min, h, % and /s, not msec");
    CHECK(error_of("p95 < 200ms, p99 < 1s").ends_with("not ms, p99 < 1s"));
    CHECK(error_of("p101 < 1s") == "p101: a percentile is above 0 and at most 100, as in p99.9");
    CHECK(error_of("p0 < 1s").starts_with("p0: a percentile is above 0"));
    CHECK(
        is_refused("average < 1s", "\"average\" is nothing that is measured, did you mean avg?; "));
    CHECK(
        is_refused("fail_rate < 1%", "\"fail_rate\" is nothing that is measured, did you mean fa"));
    CHECK(
        is_refused("xyz < 1s", "\"xyz\" is nothing that is measured; there are p50 to p99.99, m"));
    CHECK(error_of("fail_ratio < 5") ==
          "fail_ratio is a share, from 0 % to 100 %: fail_ratio < 1%");
    CHECK(error_of("fail_ratio < 1ms") ==
          "fail_ratio is a share, from 0 % to 100 %: fail_ratio < 1%");
    CHECK(error_of("count > 5%") == "count is a number without a unit");
    CHECK(error_of("rps > 5ms") == "rps is a number per second: rps > 100");
    CHECK(error_of(": p95 < 1s") == "there is nothing before the colon");
    CHECK(error_of("GET /: busy < 90%") ==
          "busy is measured of the whole run: leave out \"GET /:\"");
    CHECK(error_of("ratio > 90%").starts_with("ratio of what? Write the name before it"));
    CHECK(error_of("p95 < inf") == "\"inf\" is no number");
}

TEST_CASE("a metric has the measures of its kind") {
    // Goal: "orders: p95" of a counter is a complaint when the test is loaded, not a failed run.
    // Method: right and wrong measures for each kind.
    for (const char* const text : {"orders: count > 5",
                                   "orders: rps > 5",
                                   "orders{region=eu}: count > 5",
                                   "stock: value >= 0",
                                   "stock: min > 3",
                                   "cache hits: ratio > 90%",
                                   "cache hits: fail_ratio < 10%",
                                   "basket: p95 < 10",
                                   "basket: p95 < 10ms",
                                   "checks: ratio > 99%",
                                   "check logged in: fails == 0",
                                   "limit Shopper.buy: ratio == 100%",
                                   "GET /: p95 < 200ms",
                                   "p95 < 200ms"}) {
        CHECK(complaint(text) == "");
    }
    CHECK(complaint("orders: p95 < 10") == "orders is a counter, which has rps, count, but no p95");
    CHECK(complaint("basket: rps > 3") ==
          "basket is a trend, which has median, avg, min, max, count and p50 to p99.99, but no "
          "rps");
    CHECK(complaint("checks: p95 < 1s").starts_with("checks is a check, which has fail_ratio, "));
    CHECK(complaint("stock: value > 3").empty());
    CHECK(complaint("stock: min > 3ms") == "min is a number without a unit");
    CHECK(complaint("basket: p95 < 10%") == "p95 is a number without a unit");
    CHECK(complaint("GET /: p95 < 200") == "p95 is a time, so it needs a unit: p95 < 200ms");
    CHECK(complaint("limit Shopper.buy: count > 3") ==
          "a limit has a ratio only, what of it is used up: limit Shopper.buy: ratio == 100%");
    CHECK(complaint("stok: value > 3") ==
          "there is no metric stok, and requests have no value; did you mean stock?");
    CHECK(complaint("lmit Shopper.buy: ratio == 100%") ==
          "there is no metric lmit Shopper.buy, and requests have no ratio; did you mean limit "
          "Shopper.buy?");
    CHECK(complaint("chek logged in: ratio > 1%").ends_with("; did you mean check logged in?"));
    CHECK(complaint("xyz: ratio > 1%") == "there is no metric xyz, and requests have no ratio");
}

TEST_CASE("comparisons are what they say") {
    // Goal: each sign, below, at and above the limit.
    // Method: a table.
    const auto row = [](Comparison comparison) {
        return std::vector<bool>{
            holds(1, comparison, 2), holds(2, comparison, 2), holds(3, comparison, 2)};
    };
    CHECK(row(Comparison::Less) == std::vector{true, false, false});
    CHECK(row(Comparison::AtMost) == std::vector{true, true, false});
    CHECK(row(Comparison::Greater) == std::vector{false, false, true});
    CHECK(row(Comparison::AtLeast) == std::vector{false, true, true});
    CHECK(row(Comparison::Equal) == std::vector{false, true, false});
    CHECK(row(Comparison::Unequal) == std::vector{true, false, true});
}

TEST_CASE("any text is understood or refused") {
    // Goal: no input makes the parser crash, and what it accepts it accepts again.
    // Method: 20,000 texts of words that are right or nearly so, put together at random.
    using Words = std::vector<std::string>;
    const Words subjects{"", "", "GET /:", "check x:", "checks:", "a{b=c}:", ":", "\xff:", "<:"};
    const Words measures{"p95", "p", "p99.99", "count", "ratio", "busy", "", "1e5", "value"};
    const Words signs{"<", "<=", "==", "=", "!", "<>", "", ">"};
    const Words limits{"200ms", "5", "1%", "", "-3", ".", "1e5", "0x1", "3 /s", "1.5s", "%"};
    std::mt19937 random(11);
    const auto any = [&](const Words& words) {
        return words[random() % words.size()] + (random() % 4 == 0 ? " " : "");
    };
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = any(subjects) + any(measures) + any(signs) + any(limits);
        const auto threshold = parse_threshold(text);
        if (!threshold) {
            CHECK_FALSE(threshold.error().empty());
            continue;
        }
        ++accepted;
        CHECK(parsed(threshold->text).limit == threshold->limit);
        (void)complaint_about(*threshold, kDeclared);
    }
    CHECK(accepted > 500);
}

}  // namespace
}  // namespace cicada::stats
