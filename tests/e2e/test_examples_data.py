# SPDX-License-Identifier: Apache-2.0
"""The examples about data, arguments, events, checks and protocols do what they say they do."""
import re
import subprocess
import sys

import pytest

import rig

EXAMPLES = rig.ROOT / "examples"


@pytest.fixture
def example(run, demo):
    """example(name, arguments...) runs it against the demo shop."""
    def run_example(name, *arguments, host=None, **settings):
        demo.reset()
        done = run("-f", EXAMPLES / name / "cicadafile.cpp", "--headless", "-H", host or demo.url,
                   "--csv", "result", *arguments, **settings)
        return done
    return run_example


def rows(folder):
    """{name: (method, requests, failures)} of the last run."""
    return {row["Name"]: (row["Type"], int(row["Request Count"]), int(row["Failure Count"]))
            for row in rig.rows_of(folder / "result_stats.csv")}


def test_csv_data(example, demo, tmp_path):
    """Six accounts: six users work, the other two find none and end; orders are all different."""
    done = example("csv_data", "-u", "8", "-r", "100", "-t", "2s")
    assert done.code == 0, done.told
    assert demo.requests("POST /login") == 6
    assert "accounts.csv: each of the 6 rows has been used, who asks for another ends" in done.told
    names = rows(tmp_path)
    assert names["/items/[id]"][1] > 5 and names["order"][1] > 1
    rig.expect_served(done, demo)


def test_custom_arguments(example, run, demo, tmp_path):
    """Defaults, command line and environment; a required one, choices, and what --help says."""
    done = example("custom_arguments", "-t", "1500ms", "--pages", "4", "--think", "0s",
                   "--product=coffee", environment={"SHOP_TOKEN": "s3cret"})
    assert done.code == 0, done.told
    assert demo.requests("GET /echo") >= 4
    assert "s3cret" not in done.told

    done = example("custom_arguments", "-t", "1s")
    assert done.code == 2
    assert "--token" in done.told and demo.total == 0
    done = example("custom_arguments", "-t", "1s", "--token", "x", "--product", "milk")
    assert done.code == 2
    assert '"milk" is none of its choices: tea, coffee, cocoa' in done.told
    done = example("custom_arguments", "-t", "1s", "--token", "x", "--pages", "many")
    assert done.code == 2
    assert '"many" is no whole number' in done.told

    done = run("-f", EXAMPLES / "custom_arguments" / "cicadafile.cpp", "--help")
    assert done.code == 0
    for flag in ("--product", "--pages", "--think", "--impatient", "--token"):
        assert re.search(rf"^ +{flag} ", done.out, re.M), done.out


def test_events(example, demo, tmp_path):
    """All of them, in their order; what a listener sends is counted."""
    done = example("events", "-u", "3", "-r", "100", "-t", "10500ms")
    assert done.code == 0, done.told
    order = ["init: ", "test_start: got a token", "spawning_complete: 3 users", "background: ",
             "usage_monitor: ", "test_stopping", "test_stop: ", "quitting", "quit: exit code 0"]
    places = [done.told.index(word) for word in order]
    assert places == sorted(places)
    assert "hello from local: all are here" in done.told
    assert "user_error: stumble: stumbled" in done.told
    gold = int(re.search(r"test_stop: (\d+) requests of gold", done.told)[1])
    assert gold == rows(tmp_path)["/"][1] > 0
    assert demo.requests("POST /login") == rows(tmp_path)["/login"][1] == 1
    rig.expect_served(done, demo)
    assert "reset_stats" not in done.told
    assert example("events", "-t", "300ms", "--reset-stats").told.count("reset_stats") == 1


def test_manual_reporting(example, tmp_path):
    """Figures of one's own beside the requests they are made of."""
    done = example("manual_reporting", "-u", "5", "-r", "100", "-t", "2s", "--seed", "7")
    assert done.code == 1  # clouds and oracles
    found = rows(tmp_path)
    assert found["buy tea"][0] == "flow" and found["buy tea"][2] == 0
    assert found["/checkout"][1] >= found["buy tea"][1] > 0
    assert found["stars"][0] == "search"
    assert found["ask"][0] == "oracle"
    assert "the oracle is silent" in done.told
    assert "a cloudy night" in done.told


def test_xmlrpc(example, tmp_path):
    """A real XML-RPC server answers, and each of its faults is a failure with its words."""
    with subprocess.Popen([sys.executable, EXAMPLES / "xmlrpc" / "server.py", "0"], text=True,
                          stdout=subprocess.PIPE) as server:
        try:
            url = server.stdout.readline().strip()
            done = example("xmlrpc", "-u", "4", "-r", "100", "-t", "2s", host=url)
        finally:
            server.kill()
    found = rows(tmp_path)
    assert found["add"][0] == "xmlrpc" and found["add"][1] > 10 and found["add"][2] == 0
    assert found["divide"][1] == found["divide"][2] > 0
    assert found["/RPC2"][1] == found["add"][1] + found["divide"][1]
    assert "ZeroDivisionError" in done.told
    assert "cannot add" not in done.told


def test_multiple_hosts(example, demo, tmp_path):
    """Each of the two sees its own requests."""
    pictures = rig.Demo(tmp_path)
    try:
        done = example("multiple_hosts", "-u", "3", "-r", "100", "-t", "1s",
                       "--pictures", pictures.url)
        assert done.code == 0, done.told
        assert demo.requests("GET /items/[n]") == demo.total > 0
        assert pictures.requests("GET /bytes/[n]") == pictures.total >= 2 * demo.total - 3
        assert done.exchanges == demo.total + pictures.total
    finally:
        pictures.end()


def test_response_validation(example, tmp_path):
    """What was judged is what is reported."""
    done = example("response_validation", "-u", "4", "-r", "100", "-t", "2s")
    assert done.code == 1
    found = rows(tmp_path)
    assert found["sold out"][1] == found["sold out"][2] > 0
    assert found["misread"][1] == found["misread"][2] > 0
    assert found["not there"][2] == found["all at once"][2] == 0
    assert "no number at /discount" in done.told


def test_stop_on_threshold(example):
    """Half of the requests fail: with 30 % allowed the test ends by itself, with 90 % it does not."""
    done = example("stop_on_threshold", "-u", "10", "-r", "100", "--most-failures", "0.3")
    assert done.code == 9, done.told
    assert "too many failures, stopping" in done.told
    done = example("stop_on_threshold", "-u", "10", "-r", "100", "-t", "3s",
                   "--most-failures", "0.9")
    assert done.code == 1, done.told
    assert "too many failures" not in done.told
