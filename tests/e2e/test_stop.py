# SPDX-License-Identifier: Apache-2.0
"""How a run is stopped: time limits, signals, and sudden death."""
import os
import shutil
import signal
import subprocess
import time

import pytest

from rig import PROGRAM, SCENARIOS, expect_complete_identities, expect_served, rows_of, wait_until


def behave(load, behaviour, *arguments):
    return load("behaviour.cpp", *arguments, environment={"BEHAVIOUR": behaviour})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_gracefully(start, demo, tmp_path, number):
    """on_stop runs, reports are written, the exit code is the run's."""
    program = start("-f", SCENARIOS / "shopper.cpp", "--headless", "-H", demo.url, "-u", "5", "-r",
                    "100", "--csv", "out", "--json-file", "out", "--trace-header", "X-Trace",
                    "--print-stats")
    wait_until(lambda: demo.total > 50, "load")
    program.signal(number)
    assert program.wait() == 0, program.told
    assert demo.requests("POST /logout") == 5
    expect_complete_identities(demo, users=5)
    total = rows_of(tmp_path / "out_stats.csv")[-1]
    assert total["Name"] == "Aggregated"
    assert int(total["Request Count"]) == demo.total


def test_a_signal_leaves_the_exit_code_of_failures(start, demo):
    """A stopped run that had failures says so."""
    program = start(demo.url + "/status/500", "-u", "2")
    wait_until(lambda: demo.total > 10, "load")
    program.signal(signal.SIGTERM)
    assert program.wait() == 1
    expect_served(program, demo)


def test_a_second_signal_ends_at_once(start, demo):
    """However long on_stop takes."""
    program = start("-f", SCENARIOS / "behaviour.cpp", "--headless", "-H", demo.url, "-u", "1",
                    environment={"BEHAVIOUR": "slow_stop"})
    program.wait_for("All users spawned")
    program.signal(signal.SIGTERM)
    program.wait_for("another one ends the program at once")
    time.sleep(0.2)
    assert program.process.poll() is None
    asked = time.monotonic()
    program.signal(signal.SIGTERM)
    assert program.wait() == 128 + signal.SIGTERM
    assert time.monotonic() - asked < 2


def test_on_stop_has_a_time_limit(load):
    """--on-stop-timeout ends one that hangs; the run ends."""
    done = behave(load, "slow_stop", "-t", "300ms", "--on-stop-timeout", "500ms")
    assert done.seconds < 8, done.told


def test_requests_in_on_stop_are_counted(load, demo):
    """They are on the wire, so they are in the report."""
    done = behave(load, "stop_requests", "-u", "3", "-r", "100", "-t", "300ms")
    assert done.code == 0
    assert demo.requests("GET /items") == 3


def test_requests_on_the_wire_may_finish(load, demo):
    """Without a stop timeout the drain timeout lets the request finish, but not the task."""
    done = behave(load, "two_slow", "-u", "4", "-r", "100", "-t", "200ms")
    assert done.code == 0, done.told
    assert done.aborted == 0
    assert demo.requests("GET /slow") == 4


def test_what_does_not_finish_in_time_is_reported_as_aborted(load, demo):
    """With no drain time the server saw requests that have no result: they are not lost."""
    done = behave(load, "slow", "-u", "4", "-r", "100", "-t", "200ms", "--drain-timeout", "0")
    assert done.aborted == 4
    assert done.exchanges == 4
    assert done.seconds < 5


def test_the_stop_timeout_lets_tasks_finish(load, demo):
    """Running tasks end by themselves, waiting users at once."""
    done = behave(load, "two_slow", "-u", "4", "-r", "100", "-t", "200ms", "-s", "10s")
    assert done.code == 0, done.told
    assert demo.requests("GET /slow") == 8
    assert done.aborted == 0
    assert done.seconds < 5


def test_kill_leaves_readable_files(start, demo, tmp_path):
    """kill -9 at a bad moment: rows written before are complete."""
    program = start(demo.url, "-u", "4", "--csv", "out", "--csv-full-history")
    history = tmp_path / "out_stats_history.csv"
    wait_until(lambda: history.exists() and len(history.read_text().splitlines()) > 6, "history")
    program.signal(signal.SIGKILL)
    program.wait()
    for name in ("stats", "stats_history", "failures", "exceptions"):
        rows_of(tmp_path / f"out_{name}.csv")
    total = rows_of(tmp_path / "out_stats.csv")[-1]
    assert total["Name"] == "Aggregated" and int(total["Request Count"]) > 0


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs unshare as root")
def test_as_process_1_of_a_container(demo, tmp_path):
    """SIGTERM drains and ends it, though the kernel gives process 1 no default actions."""
    outer = ["unshare", "--fork", "--pid", "--kill-child", str(PROGRAM), demo.url, "-u", "3"]
    process = subprocess.Popen(outer, cwd=tmp_path, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        wait_until(lambda: demo.total > 20, "load")
        child = int(subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True,
                                   text=True, check=True).stdout)
        os.kill(child, signal.SIGTERM)
        out, _ = process.communicate(timeout=20)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 0, out
    assert "exchanges on the wire" in out
