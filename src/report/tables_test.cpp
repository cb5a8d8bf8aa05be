// SPDX-License-Identifier: Apache-2.0
#include "report/tables.hpp"

#include <doctest/doctest.h>

#include "report/fake_run_test.hpp"
#include "report/verdict.hpp"

namespace cicada::report {
namespace {

std::string joined(const Lines& lines) {
    std::string text = "\n";
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

TEST_CASE("the statistics table is Locust's, to the column") {
    // Goal: header, rules and rows of a documented run. Method: golden text.
    CHECK(joined(statistics_table(documented_totals(), RatesShown::WholeRun, name_width(0))) == R"(
Type     Name                                                                          # reqs      # fails |    Avg     Min     Max    Med |   req/s  failures/s
--------|----------------------------------------------------------------------------|-------|-------------|-------|-------|-------|-------|--------|-----------
GET      /hello                                                                             5    1(20.00%) |     14      12      16     14 |    2.50        0.50
GET      /world                                                                             5    1(20.00%) |    752      16    1253   1221 |    2.50        0.50
--------|----------------------------------------------------------------------------|-------|-------------|-------|-------|-------|-------|--------|-----------
         Aggregated                                                                        10    2(20.00%) |    383      12    1253     16 |    5.00        1.00
)");
}

TEST_CASE("times below a millisecond keep the columns") {
    // Goal: "0.23", not 0, in the same widths; rows sorted by name, then method. Method: golden.
    const stats::Totals totals =
        totals_of({{"POST", "/b", 0.234}, {"GET", "/b", 0.045}, {"GET", "/a\nb", 1.9, "", 1.0}});
    CHECK(joined(statistics_table(totals, RatesShown::Current, name_width(100))) == R"(
Type     Name              # reqs      # fails |    Avg     Min     Max    Med |   req/s  failures/s
--------|----------------|-------|-------------|-------|-------|-------|-------|--------|-----------
GET      /a b                   1     0(0.00%) |      1       1       1      2 |    0.00        0.00
GET      /b                     1     0(0.00%) |  0.045   0.045   0.045  0.045 |    0.00        0.00
POST     /b                     1     0(0.00%) |   0.23    0.23    0.23   0.23 |    0.00        0.00
--------|----------------|-------|-------------|-------|-------|-------|-------|--------|-----------
         Aggregated             3     0(0.00%) |   0.73   0.045       1   0.23 |    0.00        0.00
)");
}

TEST_CASE("a table without a request has its total row") {
    // Goal: the first table of a run, before anything was recorded.
    CHECK(
        statistics_table(stats::Totals(kTestStart), RatesShown::Current, 80).back() ==
        "         Aggregated                                                                      "
        "   0     0(0.00%) |      0       0       0      0 |    0.00        0.00");
}

TEST_CASE("the percentile table is Locust's") {
    // Goal: columns of 8 and 6, p100 the maximum. Method: golden text on a narrow terminal.
    CHECK(percentile_name_width(0) == 80);
    CHECK(joined(percentile_table(documented_totals(), percentile_name_width(80))) == R"(
Response time percentiles (approximated)
Type     Name          50%    66%    75%    80%    90%    95%    98%    99%  99.9% 99.99%   100% # reqs
--------|--------|--------|------|------|------|------|------|------|------|------|------|------|------
GET      /hello         14     15     15     16     16     16     16     16     16     16     16      5
GET      /world       1221   1253   1253   1253   1253   1253   1253   1253   1253   1253   1253      5
--------|--------|--------|------|------|------|------|------|------|------|------|------|------|------
         Aggregated       16     20   1221   1253   1253   1253   1253   1253   1253   1253   1253     10
)");
}

TEST_CASE("errors and exceptions are listed with their counts, and left out when there are none") {
    // Goal: both reports, one line per kind, foreign newlines gone. Method: golden text.
    stats::Totals totals = documented_totals();
    stats::Recorder recorder(stats::ClockPair{base::TimePoint{}, kTestStart});
    recorder.record_exception("std::runtime_error", "no\nstock", "Shopper.buy");
    totals.merge(recorder.take(base::TimePoint{}));
    CHECK(joined(error_report(totals, 20)) == R"(
Error report
# occurrences      Error
------------------|---------------------------------------------------------------------------------
1                  GET /hello: no, "never"
1                  GET /world: 404 Not Found
------------------|---------------------------------------------------------------------------------
)");
    CHECK(joined(exception_report(totals, 20)) == R"(
Exceptions of the test
# occurrences      Exception
------------------|---------------------------------------------------------------------------------
1                  Shopper.buy: std::runtime_error: no stock
------------------|---------------------------------------------------------------------------------
)");
    CHECK(error_report(stats::Totals(kTestStart), 80).empty());
    CHECK(exception_report(stats::Totals(kTestStart), 80).empty());
}

TEST_CASE("the verdict says what the figures include and what they cost") {
    // Goal: response time, generator, exchanges, warnings once each. Method: golden text.
    stats::Totals totals = totals_of({{"GET", "/", 10}, {"GET", "/", 10}});
    stats::Recorder recorder(stats::ClockPair{base::TimePoint{}, kTestStart});
    using namespace std::chrono_literals;
    recorder.record_busy(base::TimePoint{}, 990ms, 1s);
    recorder.record_aborted(recorder.entry("GET", "/"), {.redirects = 1'234, .resends = 2});
    recorder.record("TCP", "connect", {.response_time = 10ms, .exchanges = {.sent = false}});
    totals.merge(recorder.take(base::TimePoint{}));
    totals.merge({.uncertain_exchanges = 1'000});
    run::Snapshot snapshot = snapshot_of(totals);
    snapshot.warnings = {"few ports", "few ports\r"};
    CHECK(joined(verdict(snapshot)) == R"(
Response time:  call to last byte read and handed to the user's code, in ms; connecting and redirects included
Generator:      p50 0.006 ms and p99 0.006 ms of each response time are its own (0.0% of all); busy 99%, at most 99%
Exchanges:      1,239 exchanges on the wire = 2 requests + 1,234 redirects + 2 resends + 1 aborted; 1 recorded requests never went on the wire
Uncertain:      1,239 … 2,239 reached the wire: 1,000 had been begun by workers that died
Warning:        few ports
Warning:        few ports 
Verdict:        INVALID
INVALID:        the generator was more than 90% busy in 1 of 1 s: response times include waiting for it, and the load may be lower than asked for; spread it over more processes
)");
}

}  // namespace
}  // namespace cicada::report
