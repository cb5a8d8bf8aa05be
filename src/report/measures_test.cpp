// SPDX-License-Identifier: Apache-2.0
#include "report/measures.hpp"

#include <doctest/doctest.h>

#include "report/fake_run_test.hpp"
#include "report/junit.hpp"

namespace cicada::report {
namespace {

std::string joined(const Lines& lines) {
    std::string text = "\n";
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

run::Snapshot with_thresholds() {
    run::Snapshot snapshot = snapshot_of(measured_totals());
    snapshot.thresholds = {{"p95 < 200ms", "183 ms", 183, "ms", true, true},
                           {"GET /a<b>: p99 < 1s", "1312 ms", 1312, "ms", false, false}};
    return snapshot;
}

TEST_CASE("thresholds, checks and metrics are tables") {
    // Goal: what was asked for, what came, one line each.
    // Method: golden texts.
    CHECK(joined(threshold_table(with_thresholds())) == R"(
Thresholds: 1 of 2 missed
--------------------------------------------------------------------------------
passed  p95 < 200ms           183 ms
MISSED  GET /a<b>: p99 < 1s   1312 ms
--------------------------------------------------------------------------------
)");
    const stats::Totals totals = measured_totals();
    CHECK(joined(check_table(totals)) == R"(
Checks
      passed       failed  check
--------------------------------------------------------------------------------
           2            1  logged in
--------------------------------------------------------------------------------
)");
    CHECK(joined(metric_table(totals)) == R"(
Metrics of the test
--------------------------------------------------------------------------------
counter  orders             6 (0/s)
counter  orders{region=eu}  4 (0/s)
gauge    stock              -2.5 (min -2.5, max 7)
rate     hits               100.00% (1 of 1)
trend    render             2 values; avg 15.0, min 10.0, med 10.0, p95 20.0, p99 20.0, max 20.0 ms
--------------------------------------------------------------------------------
)");
}

TEST_CASE("what one series with tags says all of is said once") {
    // Goal: the trends of arrivals with one task are four lines, not eight; with two tasks the sum
    // of both is there as well. Method: the same values with one tag and with two.
    const auto table_with = [](std::initializer_list<const char*> tasks) {
        stats::Recorder recorder(stats::ClockPair{base::TimePoint{}, kTestStart});
        for (const char* const task : tasks) {
            const stats::MetricTag tag{"task", task};
            recorder.metrics().add(
                recorder.metrics().series(stats::MetricKind::Counter, "runs", {&tag, 1}), 1);
        }
        stats::Totals totals(kTestStart);
        totals.merge(recorder.take(base::TimePoint(std::chrono::seconds(1))));
        return joined(metric_table(totals));
    };
    CHECK(table_with({"A.b"}).find("counter  runs{task=A.b}  1 (0/s)") != std::string::npos);
    CHECK(table_with({"A.b"}).find("counter  runs  ") == std::string::npos);
    CHECK(table_with({"A.b", "A.c"}).find("counter  runs            2 (0/s)") != std::string::npos);
}

TEST_CASE("a test without them has no tables") {
    // Goal: nothing is said of what is not there.
    // Method: totals of requests alone.
    const run::Snapshot snapshot = snapshot_of(documented_totals());
    CHECK(threshold_table(snapshot).empty());
    CHECK(check_table(*snapshot.statistics).empty());
    CHECK(metric_table(*snapshot.statistics).empty());
}

TEST_CASE("metrics and thresholds are CSV") {
    // Goal: a row for each series, empty where a kind has no such figure.
    // Method: golden texts.
    CHECK(metrics_csv(measured_totals()) ==
          "Kind,Name,Tags,Unit,Count,Passed,Sum,Last,Min,Max,Average,Median,95%,99%,99.9%\r\n"
          "counter,orders,,,2,,6,,,,,,,,\r\n"
          "counter,orders,region=eu,,1,,4,,,,,,,,\r\n"
          "gauge,stock,,,2,,,-2.5,-2.5,7,,,,,\r\n"
          "rate,hits,,,1,1,,,,,,,,,\r\n"
          "trend,render,,ms,2,,,,10,20,15,10,20,20,20\r\n"
          "check,logged in,,,3,2,,,,,,,,,\r\n");
    CHECK(thresholds_csv(with_thresholds()) ==
          "Threshold,Passed,Actual\r\n"
          "p95 < 200ms,true,183 ms\r\n"
          "GET /a<b>: p99 < 1s,false,1312 ms\r\n");
}

TEST_CASE("JUnit XML has a case for each threshold") {
    // Goal: names and texts are escaped, counts add up, the verdict is a case of its own.
    // Method: golden text of a run that is suspect.
    CHECK("\n" + junit_xml(with_thresholds()) == R"xml(
<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" skipped="1" time="7.000">
  <testsuite name="cicada" tests="3" failures="1" errors="0" skipped="1" time="7.000" timestamp="2023-11-14T22:13:20">
    <testcase classname="cicada.thresholds" name="p95 &lt; 200ms" time="7.000">
      <system-out>183 ms</system-out>
    </testcase>
    <testcase classname="cicada.thresholds" name="GET /a&lt;b&gt;: p99 &lt; 1s" time="7.000">
      <failure message="1312 ms"/>
    </testcase>
    <testcase classname="cicada.verdict" name="the run is valid" time="7.000">
      <skipped message="SUSPECT: 10% of the CPU time was taken by other virtual machines (steal)"/>
    </testcase>
  </testsuite>
</testsuites>
)xml");
    ;
}

TEST_CASE("without thresholds JUnit XML says whether anything failed") {
    // Goal: a pipeline sees Locust's rule; bytes that are no XML never reach the file.
    // Method: failures; then a threshold with control characters, no UTF-8, and an umlaut.
    run::Snapshot snapshot = snapshot_of(documented_totals());
    CHECK(junit_xml(snapshot).find(
              "<failure message=\"2 of 10 requests failed, 0 exceptions\"/>") != std::string::npos);
    snapshot.thresholds = {{"a\x01\"&\xFF\xC3\xA9", "1", 1, "", true, true}};
    CHECK(junit_xml(snapshot).find("name=\"a &quot;&amp;?\xC3\xA9\"") != std::string::npos);
}

}  // namespace
}  // namespace cicada::report
