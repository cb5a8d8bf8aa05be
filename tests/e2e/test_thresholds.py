# SPDX-License-Identifier: Apache-2.0
"""What a test counts beside its requests, what it has to reach, and what the program returns."""
import json
import xml.etree.ElementTree as xml

import pytest

from rig import expect_served, rows_of

BUYERS = ["-u", "2", "-r", "100", "--only-summary"]


def report_of(program):
    """The last element of --json: what is said of the run."""
    return json.loads(program.out[program.out.index("["):])[-1]["run"]


def test_metrics_and_checks_are_in_every_output(load, tmp_path):
    """Two users of 20 turns each: sums by hand, on the console, in CSV and in JSON."""
    done = load("measures.cpp", *BUYERS, "--csv", "out", "--json")
    assert done.code == 0, done.told
    assert "Thresholds: all passed" in done.told
    rows = {(row["Name"], row["Tags"]): row for row in rows_of(tmp_path / "out_metrics.csv")}
    assert rows["orders", ""]["Sum"] == "120"
    assert rows["orders", "region=eu"]["Sum"] == "80"
    assert rows["stock", ""]["Last"] == "81"
    assert (rows["cached", ""]["Count"], rows["cached", ""]["Passed"]) == ("40", "10")
    assert float(rows["render", ""]["Max"]) == 20
    assert rows["no such status", "page=front"]["Passed"] == "0"
    assert rows["at the end", ""]["Sum"] == "7"
    assert [row["Passed"] for row in rows_of(tmp_path / "out_thresholds.csv")] == ["true"] * 3
    report = report_of(done)
    assert report["thresholds"][1] == {
        "threshold": "orders: count == 120", "passed": True, "actual": "120", "actual_value": 120.0}
    assert {row["name"]: row["failed"] for row in report["checks"] if not row["tags"]} == {
        "front page": 0, "no such status": 40}
    assert "40            0  front page" in done.err


def test_a_missed_check_option_is_exit_code_3(load, tmp_path):
    """--check joins the thresholds of the test; JUnit has a case for each."""
    done = load("measures.cpp", *BUYERS, "--check", "checks: ratio > 60%", "--check", "count == 40",
                "--junit", "deep/er/junit.xml")
    assert done.code == 3, done.told
    assert "MISSED  checks: ratio > 60%" in done.told and "Thresholds: 1 of 5 missed" in done.told
    suite = xml.parse(tmp_path / "deep/er/junit.xml").getroot()[0]
    failed = {case.get("name"): case.find("failure").get("message")
              for case in suite if case.find("failure") is not None}
    assert failed == {"checks: ratio > 60%": "50%"}
    assert len(suite) == 6 and suite.get("failures") == "1"


def test_thresholds_decide_and_not_failures(run, demo):
    """Every request fails, and that was asked for."""
    page = demo.url + "/status/503"
    assert run(page, "-t", "300ms").code == 1
    assert run(page, "-t", "300ms", "--check", "fail_ratio == 100%").code == 0
    assert run(page, "-t", "300ms", "--check", "fail_ratio < 1%").code == 3


def test_a_missed_threshold_can_stop_the_test(load):
    """In code: .abort_on_fail. The run has no end of its own."""
    done = load("measures.cpp", "-u", "1", "--only-summary", environment={"STRICT": "1"})
    assert done.code == 3, done.told
    assert 'the threshold "max < 1us" is missed' in done.told


def test_the_option_stops_the_test_after_its_warm_up(run, demo):
    """--check-abort TIME: not earlier, and not much later."""
    done = run(demo.url, "--check", "max < 1us", "--check-abort", "2s", "-t", "60s")
    assert done.code == 3, done.told
    assert 2 <= done.seconds < 20
    expect_served(done, demo)


LIMITED = """#include <cicada/cicada.hpp>
using namespace cicada;
class Buyer : public HttpUser { public: void buy() { client.get("/"); } };
static const auto buyers = users<Buyer>().task<&Buyer::buy>({.limit = 30});
class Guest : public HttpUser { public: void look() { client.get("/items"); } };
static const auto guests = arrivals<Guest>(50).max_users(20, WhenFull::Delay).iterations(60)
    .task<&Guest::look>();
"""


def test_limits_and_arrivals_can_be_asked_for(run, demo, tmp_path):
    """A run that ends by itself: 30 executions, 60 arrivals."""
    (tmp_path / "limited.cpp").write_text(LIMITED)
    checks = ["limits_reached == 100%", "limit Buyer.buy: ratio == 100%", "dropped_arrivals == 0",
              "execution from plan: p99 < 5s", "first request from plan: count == 60"]
    done = run("-f", "limited.cpp", "-H", demo.url, "--headless", "-t", "20s", "--only-summary",
               *(word for check in checks for word in ("--check", check)))
    assert done.code == 0, done.told
    assert "Thresholds: all passed" in done.told
    expect_served(done, demo)
    assert demo.total == 90


def test_a_name_that_was_never_requested_is_missed(run, demo):
    """A misspelt threshold never passes."""
    done = run(demo.url, "-t", "300ms", "--check", "GET /itmes: p95 < 1s")
    assert done.code == 3
    assert "no request GET /itmes was recorded" in done.told


@pytest.mark.parametrize("check, told", [
    ("p95 < 200", 'argument --check: "p95 < 200": p95 is a time, so it needs a unit: p95 < 200ms'),
    ("fail_rate < 1%", "did you mean fail_ratio?"),
])
def test_a_bad_threshold_stops_nothing_halfway(run, demo, check, told):
    """Before anything is loaded or sent."""
    done = run(demo.url, "--check", check)
    assert done.code == 2
    assert told in done.err
    assert demo.total == 0


def test_bad_thresholds_in_code_are_listed_with_their_lines(run, tmp_path):
    """With all else that is wrong about the test."""
    (tmp_path / "bad.cpp").write_text("""#include <cicada/cicada.hpp>
using namespace cicada;
class Buyer : public HttpUser {};
static const auto buyers = users<Buyer>();
static const auto orders = counter("orders");
static const auto goals = thresholds({"p95 <", "orders: p95 < 3"});
""")
    done = run("-f", "bad.cpp", "--headless")
    assert done.code == 1
    assert "bad.cpp:4: user class Buyer: it has no tasks" in done.err
    assert done.err.splitlines()[-2:] == [
        'bad.cpp:6: threshold "p95 <": there is nothing to compare with: write p95 < 200ms',
        'bad.cpp:6: threshold "orders: p95 < 3": orders is a counter, which has rps, count, but '
        'no p95']


def test_a_check_of_a_metric_is_refused_once_the_test_is_loaded(load):
    """--check speaks of the test's own metrics too."""
    done = load("measures.cpp", "--check", "orders: p95 < 3")
    assert done.code == 2
    assert 'argument --check: "orders: p95 < 3": orders is a counter' in done.err
