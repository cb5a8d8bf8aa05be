# SPDX-License-Identifier: Apache-2.0
"""--dry-run=tasks: the tasks of a test in virtual time, without a network; and what --dry-run knows of
limits."""
import json
import re
import signal

import pytest

import rig
from rig import ROOT, rows_of

SHOP = """#include <cicada/cicada.hpp>
using namespace cicada;

class Shopper : public HttpUser {
public:
    void on_start() override { client.post("/login", form({{"username", "ellen"}, {"password", "x"}})); }
    void browse() {
        auto item = client.get("/items/" + std::to_string(random_int(1, 9)), {.name = "/items/[id]"});
        if (item.json()["id"] < 1) item.fail("no item");
    }
    void away() { client.get("/redirect/1"); }
};
static const auto shoppers = users<Shopper>()
    .wait_time(constant(900ms)).task<&Shopper::browse>({.weight = 4}).task<&Shopper::away>();
"""
ANSWERS = """
static const auto answers = on_dry_run([](const DryRunRequest& request) -> std::optional<DryRunAnswer> {
    if (request.name == "/items/[id]") return DryRunAnswer{.body = R"({"id": 7})", .latency = 100ms};
    if (request.path == "/redirect/1") return DryRunAnswer{.status = 302, .headers = {{"Location", "/there"}}};
    return {};
});
"""


@pytest.fixture
def shop(tmp_path):
    def write(text):
        (tmp_path / "shop.cpp").write_text(text)
        return tmp_path / "shop.cpp"
    return write


def run_json(done):
    return json.loads(done.out)[-1]["run"]


def test_an_hour_takes_moments(run, shop, tmp_path):
    """The usual reports, marked; exact figures; no host is needed, and none is asked."""
    done = run("-f", shop(SHOP + ANSWERS), "--dry-run=tasks", "-u", "10", "-r", "10", "-t", "1h", "--json",
               "--csv", "out", "--junit", "junit.xml", "--check", "/items/[id]: p95 < 200ms",
               environment={"CICADA_LOGLEVEL": "WARNING"})
    assert done.code == 0, done.err
    entries = {entry["name"]: entry for entry in json.loads(done.out)}
    items, away = entries["/items/[id]"], entries["/redirect/1"]
    assert entries["/login"]["num_requests"] == 10
    # One per second and user; an answer without a latency of its own takes 100 ms, a redirect twice that.
    assert 33_000 < items["num_requests"] + away["num_requests"] < 36_100
    assert away["redirects"] == away["num_requests"]
    assert items["median_response_time_ms"] == 100 and away["median_response_time_ms"] == 200
    facts = run_json(done)
    assert facts["verdict"] is None and facts["warnings"] == []
    assert facts["dry_run"]["answers_by_test"] == items["num_requests"] + away["num_requests"]
    assert facts["dry_run"]["answers_plain"] == 10 + away["num_requests"]
    assert facts["thresholds"][0]["passed"]
    assert done.err.startswith("DRY RUN: "), done.err
    assert "exchanges on the wire" not in done.told and "Verdict: " not in done.told
    assert re.search(r"Dry run: +nothing was sent; the figures are of [\d,]+ made-up answers", done.err)
    assert "End:       after 1h" in done.err and "Users:     at most 10, from" in done.err
    assert re.search(r"^ +30m +10 +#+ +1\d\.\d$", done.err, re.M), done.err
    rows = {row["Name"]: row for row in rows_of(tmp_path / "out_stats.csv")}
    assert int(rows["/login"]["Request Count"]) == 10
    assert len(rows_of(tmp_path / "out_stats_history.csv")) == 1
    assert "a dry run" in (tmp_path / "junit.xml").read_text()


def test_the_exit_code_is_that_of_any_run(run, shop):
    """Thresholds decide, otherwise failures; a random run repeats with its seed."""
    file = shop(SHOP + ANSWERS)
    arguments = ("-f", file, "--dry-run=tasks", "-u", "5", "-t", "1m", "--seed", "7", "--json")
    missed = run(*arguments, "--check", "max < 150ms")
    assert missed.code == 3 and "MISSED" in missed.err, missed.told
    again = run(*arguments, "--check", "max < 150ms")
    figures = [[(entry["name"], entry["num_requests"], entry.get("response_times"))
                for entry in json.loads(done.out)] for done in (missed, again)]
    assert figures[0] == figures[1]
    failing = run("-f", shop(SHOP), "--dry-run=tasks", "-u", "1", "-t", "1m")
    assert failing.code == 1 and "the body is not JSON" in failing.err, failing.told


def test_answers_recorded_by_once(run, shop, demo, tmp_path):
    """Each request gets what the shop said to that page, or to one of that name; the shop sees none of it."""
    file = shop(SHOP)
    recorded = run("-f", file, "-H", demo.url, "--once", "--record", "seen.jsonl")
    assert recorded.code == 0, recorded.told
    records = [json.loads(line) for line in (tmp_path / "seen.jsonl").read_text().splitlines()]
    assert [record.get("name") for record in records] == [None, "/items/[id]", None, None]
    assert all(0 < record["answer_ms"] <= record["time_ms"] for record in records)
    assert records[3]["answer_ms"] < records[3]["time_ms"]  # the page after the redirect
    demo.reset()
    done = run("-f", file, "-H", demo.url, "--dry-run=tasks", "--answers", "seen.jsonl", "-u", "20", "-r",
               "20", "-t", "3m", "--json")
    assert done.code == 0, done.told
    facts = run_json(done)
    assert facts["dry_run"]["answers_recorded"] > 3_000 and facts["dry_run"]["answers_plain"] == 0
    assert facts["warnings"] == []
    assert demo.total == 0

    lines = (tmp_path / "seen.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "less.jsonl").write_text("".join(lines[:2]))
    done = run("-f", file, "--dry-run=tasks", "--answers", "less.jsonl", "-t", "1m", "--json")
    assert run_json(done)["warnings"] == [
        "no answer is recorded for GET /redirect/1: they got a plain 200"], done.told


def test_limits_over_time(run, shop):
    """Reached exactly, at a time that the timeline tells; the run ends by itself."""
    limited = SHOP.replace(".task<&Shopper::away>()", ".task<&Shopper::away>({.limit = 30})").replace(
        "{.weight = 4}", "{.weight = 4, .limit = 600}")
    done = run("-f", shop(limited + ANSWERS), "--dry-run=tasks", "-u", "10", "-r", "10")
    assert done.code == 0, done.told
    assert re.search(r"time +users +answers/s +Shopper\.browse +Shopper\.away$", done.err, re.M), done.err
    assert re.search(r"^Limit: +Shopper\.browse: 600 executions, reached after 1m\d+s$", done.err, re.M)
    assert re.search(r"^Limit: +Shopper\.away: 30 executions, reached after \d+s", done.err, re.M)
    assert re.search(r"^ +\S+ +\d+ +#* +[\d.]+ +600 +30$", done.err, re.M), done.err
    plain = run("-f", shop(limited), "--dry-run", "-t", "1m")
    assert plain.code == 0, plain.told
    assert ("Limit:     Shopper.browse: 600 executions; when it is reached depends on the target"
            in plain.out)


def test_limits_that_arrivals_use_up_are_planned(run, shop):
    text = SHOP[:SHOP.index("static const auto shoppers")] + """
static const auto buyers = arrivals<Shopper>(20).task<&Shopper::browse>({.limit = 600});
"""
    plain = run("-f", shop(text), "--dry-run")
    assert plain.code == 0, plain.told
    assert "Limit:     Shopper.browse: 600 executions, reached after 30s" in plain.out
    assert re.search(r"^ +15s +20\.0 +300$", plain.out, re.M), plain.out
    assert "End:       after 30s" in plain.out
    done = run("-f", shop(text + ANSWERS), "--dry-run=tasks")
    assert done.code == 0, done.told
    assert re.search(r"Arrivals: +Shopper: 60\d arrivals planned = 600 begun", done.err), done.err
    assert re.search(r"Limit: +Shopper\.browse: 600 executions, reached after (30s|29s9\d+ms)", done.err), done.err


def test_what_cannot_be_is_one_clear_line(run, shop, tmp_path):
    file = shop(SHOP)
    for arguments, told in (
            ([], "argument --dry-run=tasks: nothing ends this test; give it a run time, such as -t 10m"),
            (["-t", "1m", "--answers", "none.jsonl"],
             "argument --answers: none.jsonl: No such file or directory"),
            (["-t", "1m", "--answers", "bad.jsonl"],
             'argument --answers: bad.jsonl:2: it has no "status"'),
            (["-t", "1m", "-H", "https://a/"], "host https://a/: only http:// can be tested")):
        (tmp_path / "bad.jsonl").write_text(
            '{"method": "GET", "url": "http://a/", "status": 200, "time_ms": 1}\n'
            '{"method": "GET", "url": "http://a/", "time_ms": 1}\n')
        done = run("-f", file, "--dry-run=tasks", *arguments)
        assert (done.code, done.err) == (2, f"cicada: error: {told}\n"), done.told


def test_time_that_stands_still_is_an_error(run, shop):
    text = SHOP.replace("    void away() {", "    void away() { return;").replace(
        ".wait_time(constant(900ms)).task<&Shopper::browse>({.weight = 4})", "")
    done = run("-f", shop(text), "--dry-run=tasks", "-t", "1m", "-u", "2", "--loglevel", "ERROR")
    assert done.code == 1, done.told
    assert done.err == ("cicada: error: in virtual time, Shopper.away goes on for ever: neither it nor "
                        "anybody else waits\n")


def test_a_signal_ends_it_with_its_reports(start, shop):
    """What is there by then is shown. 10,000 users in a week would take minutes."""
    done = start("-f", shop(SHOP + ANSWERS), "--dry-run=tasks", "-u", "10000", "-r", "10000", "-t", "168h")
    done.wait_for("All users spawned")
    done.signal(signal.SIGINT)
    code = done.wait(60)
    assert code == 0, done.told
    assert "End:       ended early, after " in done.err and "Dry run: " in done.err, done.err


def test_the_example(run):
    done = run("-f", ROOT / "examples" / "dry_run", "--dry-run=tasks", "-u", "200", "-r", "1", "-t", "30m",
               "--seed", "1")
    assert done.code == 0, done.told
    assert "All thresholds passed" in done.err or "Thresholds:" in done.err, done.told
    assert re.search(r"Limit: +Customer\.order: ", done.err)
