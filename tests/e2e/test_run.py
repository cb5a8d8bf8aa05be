# SPDX-License-Identifier: Apache-2.0
"""A headless run from its start to its exit code."""
import pathlib
import re
import resource
import time

import pytest

from rig import expect_complete_identities, expect_served, rows_of, SCENARIOS


def behave(load, behaviour, *arguments):
    return load("behaviour.cpp", *arguments, environment={"BEHAVIOUR": behaviour})


def test_a_test_file_runs(load, demo):
    """Users log in, browse by weight, log out; the server saw each exchange, and only those."""
    done = load("shopper.cpp", "-u", "5", "-r", "50", "-t", "2s")
    assert done.code == 0, done.told
    expect_complete_identities(demo, users=5)
    assert demo.requests("POST /login") == 5
    assert demo.requests("POST /logout") == 5
    assert demo.requests("GET /") > 1.5 * demo.requests("GET /items/[n]") > 0
    assert 'All users spawned: {"Shopper": 5} (5 total users)' in done.told


def test_one_url_needs_no_file(run, demo):
    """`cicada URL` asks as fast as it can, all users at once."""
    done = run(demo.url + "/items?page=2", "-u", "8", "-t", "1s", "--trace-header", "X-Trace")
    assert done.code == 0, done.told
    expect_served(done, demo)
    expect_complete_identities(demo, users=8)
    assert demo.requests("GET /items") == demo.total > 100
    assert re.search(r"GET +/items\?page=2 ", done.told)


@pytest.mark.alone
def test_the_run_time_holds(run, demo):
    """-t counts from the start, the ramp included."""
    done = run(demo.url, "-u", "1000", "-r", "1", "-t", "2s")
    assert done.code == 0
    assert 2.0 <= done.seconds < 3.5
    expect_served(done, demo)


@pytest.mark.parametrize("io", ["uring", "epoll"])
def test_both_event_loops_serve(run, demo, io):
    """--io changes nothing but the speed."""
    done = run(demo.url, "-u", "16", "-t", "1s", "--io", io, "--trace-header", "X-Trace")
    assert done.code == 0, done.told
    expect_served(done, demo)
    expect_complete_identities(demo, users=16)


def test_failed_requests_make_the_exit_code(load):
    """1, or what --exit-code-on-error says; a request the test itself failed counts too."""
    done = behave(load, "fail", "-t", "300ms")
    assert done.code == 1
    assert re.search(r"GET /status/503: .*503", done.told), done.told
    assert behave(load, "fail", "-t", "300ms", "--exit-code-on-error", "7").code == 7
    assert behave(load, "fail", "-t", "300ms", "--exit-code-on-error", "0").code == 0
    judged = behave(load, "judge", "-t", "300ms")
    assert judged.code == 1
    assert "not what I wanted" in judged.told


def test_an_exception_in_a_task_is_counted_and_shown(load, tmp_path):
    """With its type and text; the user goes on; the exit code says so."""
    done = behave(load, "throw", "-t", "500ms", "--csv", "out")
    assert done.code == 1
    assert "broken basket" in done.told
    row, = rows_of(tmp_path / "out_exceptions.csv")
    assert int(row["Count"]) > 1
    assert row["Message"] == "broken basket"
    assert "std::runtime_error" in row["Traceback"] and "Subject.act" in row["Traceback"]


def test_a_run_is_complete_when_all_users_have_ended(load, demo):
    """No -t is needed; nobody is replaced."""
    done = behave(load, "three_then_stop", "-u", "4", "-r", "100")
    assert done.code == 0, done.told
    assert demo.requests("GET /") == 12
    assert "All users have ended" in done.told


def test_a_run_whose_users_cannot_start_ends(load):
    """Each failed on_start is counted and ends its user."""
    done = behave(load, "start_throws", "-u", "3", "-r", "100")
    assert done.code == 1
    assert "no ticket" in done.told


def test_user_code_can_end_the_program(load):
    """runner().quit(), runner().stop() in a headless run, and runner().exit_code()."""
    assert behave(load, "quit").code == 0
    assert behave(load, "stop_run").code == 0
    assert behave(load, "exit_code").code == 42


def test_events_come_in_order(load):
    """As Locust's, each once in a run of one test."""
    done = behave(load, "events", "-u", "3", "-r", "100", "-t", "500ms")
    assert done.code == 0, done.told
    assert re.findall(r"event: (.*)", done.told) == [
        "init", "test_start", "spawning_complete 3", "test_stopping", "test_stop", "quitting",
        "quit 0"]


def test_a_listener_that_throws(load):
    """Exit code 2 when nothing else decides; at init nothing starts at all."""
    done = behave(load, "listener_throws", "-t", "300ms")
    assert done.code == 2
    assert "bad listener" in done.told
    done = behave(load, "init_throws", "-t", "300ms")
    assert done.code == 1
    assert "no database" in done.told
    assert "Ramping" not in done.told


def test_a_missing_host_is_one_error(run):
    """The run is given up with a sentence, not with failures by the thousand."""
    done = run("-f", SCENARIOS / "no_host.cpp", "--headless", "-u", "3", "-r", "100", "-t", "5s")
    assert done.code == 1
    assert done.seconds < 5
    assert "the test is given up: " in done.told and "host" in done.told, done.told


@pytest.mark.parametrize("host, complaint", [
    ("localhost:99", 'host localhost:99: invalid URL "localhost:99": it must begin with http'),
    ("https://localhost", "host https://localhost: only http:// can be tested")])
def test_a_host_that_cannot_be_tested_is_one_line(run, host, complaint):
    """Exit code 2 before anything starts."""
    done = run("-f", SCENARIOS / "shopper.cpp", "--headless", "-H", host, "-t", "1s")
    assert done.code == 2
    assert done.told.startswith("cicada: error: " + complaint)
    assert len(done.told.splitlines()) == 1


def test_the_same_seed_gives_the_same_run(load, demo):
    """Which tasks a user picks depends on the seed alone."""
    picks = []
    for seed in ("7", "7", "8"):
        done = load("seeded.cpp", "-u", "3", "-r", "100", "--seed", seed)
        assert done.code == 0, done.told
        picks.append(demo.count()["requests"])
    assert picks[0] == picks[1] != picks[2]


def test_a_task_that_holds_the_engine_is_named(load):
    """The watchdog's lines, while it lasts and after."""
    done = behave(load, "hold_engine")
    assert '"Subject.act" has held the engine for more than 500 ms' in done.told, done.told
    held = re.search(r'"Subject.act" held the engine for (\d\.\d) s', done.told)
    assert 0.7 <= float(held[1]) <= 1.3


def test_a_mutex_held_over_a_request_makes_users_wait_not_the_engine(load, demo):
    """One at a time; who comes later may have to wait long, as for any mutex."""
    done = load("locks.cpp", "-u", "5", "-r", "100", "-t", "1s", "--stop-timeout", "1s")
    assert done.code == 0 and "two at the till" not in done.told, done.told
    assert demo.total > 100


def test_a_lock_that_everybody_waits_for_is_named(load):
    """The watchdog's line."""
    done = load("locks.cpp", "-u", "2", "-r", "100", "-t", "2s", environment={"LOCKS": "long"})
    assert re.search(r"Waiting for a mutex for more than 500 ms: 1 fibers, \"Cashier.pay\" among "
                     r"them", done.told), done.told


@pytest.mark.parametrize("guards", ["madvise", "mprotect", "canary"])
def test_a_stack_that_overflows_is_named(run, guards):
    """Every kind of guard tells the task, the size and the option, and nothing is silently lost."""
    done = run("-f", SCENARIOS / "deep.cpp", "--headless", "-t", "5s", "--guards", guards,
               "--stack-size", "64k")
    assert done.code < 0, done.told
    assert ("cicada: stack overflow in task 'Miner.mine': its stack of 64 KiB is used up; give it "
            "more with --stack-size") in done.err, done.told


def test_a_plan_that_needs_too_many_descriptors_is_announced(run, demo):
    """One line with the arithmetic before the load starts, and the soft limit is raised."""
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))
    done = run(demo.url, "-u", "500", "-r", "1", "-t", "300ms", limits=few)
    lines = [line for line in done.told.splitlines() if "ulimit -n" in line and "WARNING" in line]
    assert len(lines) == 1, done.told
    assert re.search(r"500 users with a connection each and \d+ other descriptors need \d+, but "
                     r"this process may open 300 ", lines[0])


def test_a_lack_of_descriptors_fails_requests_and_nothing_else(run, demo):
    """Users without a socket do not keep the others, nor the run's end, waiting."""
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
    done = run(demo.url, "-u", "200", "-t", "1s", limits=few)
    assert done.code == 1, done.told
    assert "Too many open files" in done.told
    assert demo.total > 100
    assert done.exchanges == demo.total


def test_the_statistics_can_start_after_the_ramp(run, demo):
    """--reset-stats: the report counts less than the server saw."""
    done = run(demo.url, "-u", "10", "-r", "10", "-t", "2s", "--reset-stats")
    assert done.code == 0
    assert "Resetting" in done.told


@pytest.mark.alone
def test_the_time_from_start_to_first_byte(start, demo, load):
    """A cached test starts within 150 ms here, with room for a busy machine."""
    assert load("shopper.cpp", "-t", "300ms").code == 0
    demo.reset()
    start("-f", SCENARIOS / "shopper.cpp", "--headless", "-H", demo.url, "-t", "1s")
    begun = time.monotonic()
    while demo.total == 0:
        assert time.monotonic() - begun < 1.5
