# SPDX-License-Identifier: Apache-2.0
"""--processes: one command, many cores; what crashes of user code leave of a run."""
import os
import pathlib
import re
import signal
import subprocess

import pytest
import rig

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"
PIECE = ("--trace-header", "X-Trace")


def uncertain(run):
    found = re.findall(r"Uncertain:\s+([\d,]+) … ([\d,]+) reached", run.told)
    return [int(number.replace(",", "")) for number in found[-1]] if found else None


def expect_accounted(run, demo):
    """The server's count is the report's, or within what the report says is uncertain."""
    span = uncertain(run)
    if span is None:
        rig.expect_served(run, demo)
        return
    assert span[0] == run.exchanges
    assert span[0] <= demo.total <= span[1], run.told


def children(program):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(program.process.pid)],
                            capture_output=True, text=True)
    return [int(pid) for pid in listed.stdout.split()]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_users_are_spread_over_processes_and_every_exchange_is_counted(run, demo):
    program = run("-f", SCENARIOS / "visits.cpp", "--processes", "2", "--headless", "-u", "8",
                  "-r", "8", "-t", "4s", "-H", demo.url, *PIECE)
    assert program.code == 0, program.told
    rig.expect_served(program, demo)
    rig.expect_complete_identities(demo, 8)
    assert program.exchanges > 50


def test_a_task_that_always_crashes_is_disabled(run, demo):
    program = run("-f", SCENARIOS / "crash.cpp", "--processes", "4", "--headless", "-u", "8",
                  "-r", "8", "-t", "12s", "-H", demo.url, *PIECE)
    assert re.search(r"worker process \d \(pid \d+\) was killed by SIGSEGV in task 'Fragile.crash'",
                     program.told), program.told
    assert "Fragile::crash" in program.told
    assert "task 'Fragile.crash' has crashed 2 worker processes: it is disabled" in program.told
    assert "is started again in 1s (1 of 3 times)" in program.told
    assert program.code == 1, program.told  # a crash is an exception of the task
    expect_accounted(program, demo)
    assert demo.requests("GET /") > 0  # the other task went on


def test_a_task_that_crashes_can_end_the_run(run, demo):
    program = run("-f", SCENARIOS / "crash.cpp", "--processes", "2", "--on-crash", "stop",
                  "--headless", "-u", "4", "-r", "4", "-t", "60s", "-H", demo.url, *PIECE)
    assert program.code == 4, program.told
    assert "'Fragile.crash' has crashed 2 worker processes: the run ends" in program.told
    expect_accounted(program, demo)


def test_ctrl_c_ends_all(start, demo):
    program = start("-f", SCENARIOS / "visits.cpp", "--processes", "2", "--headless", "-u", "4",
                    "-H", demo.url, *PIECE)
    rig.wait_until(lambda: demo.total > 20, "load")
    pids = children(program)
    assert len(pids) == 2
    for pid in pids:  # as the terminal sends it to all of the foreground
        os.kill(pid, signal.SIGINT)
    program.signal(signal.SIGINT)
    assert program.wait() == 0, program.told
    rig.expect_served(program, demo)
    assert not any(is_alive(pid) for pid in pids)


def test_a_killed_parent_leaves_nobody(start, demo):
    program = start("-f", SCENARIOS / "visits.cpp", "--processes", "2", "--headless", "-u", "4",
                    "-H", demo.url, *PIECE)
    rig.wait_until(lambda: demo.total > 20, "load")
    pids = children(program)
    program.signal(signal.SIGKILL)
    rig.wait_until(lambda: not any(is_alive(pid) for pid in pids), "the end of the workers")


def test_a_killed_worker_loses_nothing_it_has_recorded(start, demo):
    program = start("-f", SCENARIOS / "visits.cpp", "--processes", "2", "--headless", "-u", "8",
                    "-r", "8", "-t", "8s", "-H", demo.url, *PIECE)
    rig.wait_until(lambda: demo.total > 100, "load")
    os.kill(children(program)[0], signal.SIGKILL)
    assert program.wait() == 1, program.told
    assert re.search(r"was killed by SIGKILL", program.told)
    expect_accounted(program, demo)


@pytest.mark.parametrize("arguments, complaint", [
    (("--processes", "2", "--master"), "--processes: it cannot be combined with --master"),
    (("--processes", "-2"), "--processes: -2 is out of range"),
])
def test_what_processes_refuses(run, arguments, complaint):
    program = run("-f", SCENARIOS / "visits.cpp", "--headless", *arguments)
    assert program.code == 2
    assert complaint in program.err
