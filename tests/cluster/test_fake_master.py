# SPDX-License-Identifier: Apache-2.0
"""Goal: a worker says to a Locust master what Locust's own workers say, in the same order.

Method: a master that the test plays, message by message; the shop counts (reference 9.2, case E).
"""
import pathlib
import signal
import time

import pytest

from nodes import FakeMaster
import rig

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"
REGULAR = ("heartbeat", "stats", "logs")


@pytest.fixture
def master():
    one = FakeMaster()
    yield one
    one.end()


@pytest.fixture
def worker(start, demo, master):
    """worker(arguments...) starts one and waits until the master has heard of it."""
    def start_one(*arguments, scenario="buyers.cpp"):
        program = start("-f", SCENARIOS / scenario, "--worker", "--master-port", master.port,
                        "-H", demo.url, *arguments)
        rig.wait_until(lambda: master.all("client_ready") or program.process.poll() is not None,
                       "client_ready", patience=120)
        return program
    return start_one


def test_the_first_words(worker, master):
    worker()
    master.wait_for("stats")
    master.wait_for("heartbeat", 3)
    assert master.all("client_ready") == [-1]
    identity = master.heard[0][3]
    host, _, digits = identity.rpartition("_")
    assert host and len(digits) == 32 and int(digits, 16) >= 0
    for beat in master.all("heartbeat"):
        assert list(beat) == ["state", "current_cpu_usage", "current_memory_usage"]
        assert beat["state"] == "ready"
        assert isinstance(beat["current_cpu_usage"], float)
        assert beat["current_memory_usage"] > 1_000_000
    first = master.all("stats")[0]
    assert first["stats"] == [] and first["errors"] == {} and first["user_count"] == 0
    assert set(first["user_classes_count"]) == {"Buyer", "Looker", "Slow", "Thrower"}


def test_it_says_that_it_is_ready_again_until_it_is_answered(worker, master):
    master.acknowledges = False
    worker()
    master.wait_for("client_ready", 2)
    first, second = [when for when, kind, _, _ in master.heard if kind == "client_ready"][:2]
    assert 4.5 < second - first < 6
    assert master.kinds() == ["client_ready"] * 2


def test_a_test_from_spawn_to_quit(worker, master, demo):
    program = worker()
    master.wait_for("stats")
    master.spawn({"Buyer": 3, "Looker": 1}, host=demo.url)
    assert master.wait_for("spawning") is None
    complete = master.wait_for("spawning_complete")
    assert complete["user_count"] == 4
    assert complete["user_classes_count"] == {"Buyer": 3, "Looker": 1, "Slow": 0, "Thrower": 0}
    master.say("spawning_complete", {"user_count": 4})
    rig.wait_until(lambda: master.all("heartbeat")[-1]["state"] == "running", "state running")
    rig.wait_until(lambda: demo.total > 50, "some load")
    master.spawn({"Buyer": 1, "Looker": 2}, host=demo.url)
    assert master.wait_for("spawning_complete", 2)["user_classes_count"]["Buyer"] == 1
    rig.wait_until(lambda: master.all("stats")[-1]["user_count"] == 3, "stats with the new count")
    master.say("quit")
    assert program.wait() == 0
    assert master.kinds("heartbeat", "logs")[-2:] == ["stats", "quit"]
    assert master.requests() == demo.total
    names = {entry["name"] for data in master.all("stats") for entry in data["stats"]}
    assert names == {"/", "/items/[id]"}
    last = master.all("stats")[-1]
    assert list(last["stats_total"]) == [
        "name", "method", "last_request_timestamp", "start_time", "num_requests",
        "num_none_requests", "num_failures", "total_response_time", "max_response_time",
        "min_response_time", "total_content_length", "response_times", "num_reqs_per_sec",
        "num_fail_per_sec"]


def test_older_spawn_messages_are_discarded(worker, master, demo):
    program = worker()
    master.wait_for("stats")
    now = time.time()
    master.spawn({"Looker": 2}, timestamp=now, host=demo.url)
    master.wait_for("spawning_complete")
    master.spawn({"Looker": 9}, timestamp=now, host=demo.url)
    master.spawn({"Looker": 9}, timestamp=now - 1, host=demo.url)
    master.wait_for("spawning", 3)
    program.wait_for("Discard spawn message with older or equal timestamp")
    master.spawn({"Looker": 3}, timestamp=now + 1, host=demo.url)
    assert master.wait_for("spawning_complete", 2)["user_count"] == 3


@pytest.mark.parametrize("stop_timeout, served", [(0.0, 0), (5.0, 1)])
def test_a_stop_with_and_without_time_for_the_task(worker, master, demo, stop_timeout, served):
    worker("--drain-timeout", "0")
    master.wait_for("stats")
    master.spawn({"Slow": 1}, host=demo.url, stop_timeout=stop_timeout)
    master.wait_for("spawning_complete")
    master.forget()
    master.say("stop")
    master.wait_for("client_ready")
    assert master.kinds("heartbeat", "logs")[-3:] == ["stats", "client_stopped", "client_ready"]
    assert demo.total == served
    assert master.requests() == served


def test_a_second_test_counts_from_nothing(worker, master, demo):
    worker()
    master.wait_for("stats")
    for turn in range(2):
        demo.reset()
        master.forget()
        master.spawn({"Buyer": 2}, host=demo.url)
        master.wait_for("spawning_complete")
        rig.wait_until(lambda: demo.total > 20, "some load")
        master.say("stop")
        master.wait_for("client_ready")
        assert master.requests() == demo.total


def test_exceptions_and_failures(worker, master):
    worker()
    master.wait_for("stats")
    master.spawn({"Thrower": 3, "Looker": 1}, host="http://127.0.0.1:1")
    raised = master.wait_for("exception", 3)
    assert raised == {"msg": "std::runtime_error: no tea",
                      "traceback": "  in Thrower.throw_something\n"}
    errors = rig.wait_until(lambda: master.all("stats")[-1]["errors"], "errors in stats")
    key, error = next(iter(errors.items()))
    assert len(key) == 64
    assert (error["method"], error["name"]) == ("GET", "/")
    assert error["occurrences"] > 0 and "refused" in error["error"]


def test_logs_travel_until_they_are_too_many(worker, master, demo):
    worker()
    logs = master.wait_for("logs")
    assert logs["worker_id"] == master.heard[0][3]
    assert any("Worker of the master at" in line for line in logs["logs"])
    for turn in range(80):
        master.say("question", {"n": turn})
    rig.wait_until(lambda: any("more than 70 log lines" in line
                               for data in master.all("logs") for line in data["logs"]),
                   "the last logs")


def test_messages_of_the_test(worker, master):
    worker()
    master.wait_for("stats")
    master.say("question", {"n": 42})
    assert master.wait_for("answer") == {"to": 42}


def test_custom_arguments_and_the_worker_s_place(worker, master, demo):
    program = worker()
    master.wait_for("stats")
    master.spawn({"Looker": 1}, host=demo.url, tea="green", expect_workers=3, run_time="5s")
    program.wait_for("place 0 of 3, tea green")


def test_classes_the_test_does_not_have(worker, master, demo):
    program = worker()
    master.wait_for("stats")
    master.spawn({"Robber": 2, "Looker": 1}, host=demo.url)
    program.wait_for("the master wants users of Robber, which this test does not have; it has "
                     "Buyer, Looker, Slow, Thrower")
    assert master.wait_for("spawning_complete")["user_count"] == 1


def test_a_test_with_limits_is_refused(worker, master, demo):
    program = worker("--iterations", "10")
    assert program.wait() == 1
    assert "only a Cicada master can share out among its workers what this test has: " \
           "--iterations; with --local-limits each worker has all of it" in program.err
    assert master.kinds(*REGULAR)[-2:] == ["exception", "quit"]


def test_local_limits(worker, master, demo):
    worker("--iterations", "10", "--local-limits")
    master.wait_for("stats")
    master.spawn({"Buyer": 2}, host=demo.url)
    rig.wait_until(lambda: master.requests() == 10, "ten requests")
    time.sleep(0.2)
    assert demo.total == 10


def test_reconnect(worker, master, demo):
    program = worker()
    master.wait_for("heartbeat", 2)
    master.say("reconnect")
    program.wait_for("resetting the connection")
    count = len(master.all("heartbeat"))
    master.wait_for("heartbeat", count + 3)
    assert len(master.all("client_ready")) == 1


def test_a_signal_stops_and_reports(worker, master, demo):
    program = worker()
    master.wait_for("stats")
    master.spawn({"Buyer": 2}, host=demo.url)
    rig.wait_until(lambda: demo.total > 20, "some load")
    program.signal(signal.SIGTERM)
    assert program.wait() == 0
    assert master.kinds(*REGULAR)[-1] == "quit"
    assert master.requests() == demo.total


def test_a_master_that_is_gone(worker, master, demo):
    """The worker says that it is ready again after 10 s of silence, and ends after the time it was
    given; its users go on until then."""
    program = worker("--master-lost-after", "14s")
    master.wait_for("stats")
    master.spawn({"Looker": 1}, host=demo.url)
    master.wait_for("spawning_complete")
    master.answers_heartbeats = master.acknowledges = False
    master.forget()
    master.wait_for("client_ready")
    before = demo.total
    assert program.process.poll() is None
    rig.wait_until(lambda: demo.total > before, "users that go on")
    assert program.wait() == 1
    assert "the master has been silent for 14" in program.err
