# SPDX-License-Identifier: Apache-2.0
"""Goal: a Cicada master speaks Locust's protocol as Locust's master does, but for its defects.

Method: workers that the test plays over ZeroMQ; the master's page tells what it makes of them.
"""
import pathlib
import signal
import time

import pytest

import rig
from nodes import free_port
from workers import FakeWorker

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"


class Master:
    def __init__(self, start, *arguments):
        self.port, self.web_port = free_port(), free_port()
        self.program = start("-f", SCENARIOS / "buyers.cpp", "Buyer", "--master",
                             "--master-bind-host", "127.0.0.1", "--master-bind-port", self.port,
                             "--web-port", self.web_port, "-H", "http://127.0.0.1:1", *arguments)
        self.web = f"http://127.0.0.1:{self.web_port}"
        if "--headless" not in arguments:
            self.program.wait_for("Starting web interface")
        self.program.wait_for("Waiting for workers at port")

    def state(self):
        return rig.get_json(self.web + "/stats/requests")

    def swarm(self, users, rate):
        return rig.get_json(self.web + "/swarm", user_count=users, spawn_rate=rate)

    def stop(self):
        return rig.get_json(self.web + "/stop")

    def workers(self):
        return {one["id"]: one for one in self.state().get("workers", [])}


@pytest.fixture
def master(start):
    return lambda *arguments: Master(start, *arguments)


@pytest.fixture
def worker():
    running = []

    def start_one(of, **options):
        running.append(FakeWorker(of.port, **options))
        return running[-1]

    yield start_one
    for one in running:
        one.end()


def test_versions_and_indexes(master, worker):
    one = master()
    first, second, silent, odd = (worker(one) for _ in range(4))
    assert first.ready()["index"] == 0
    assert second.ready(-1)["index"] == 1
    assert first.ready()["index"] == 0
    silent.say("client_ready")
    one.program.wait_for(f"worker {silent.name} is refused: it does not tell its version")
    assert odd.ready("abcd")["index"] == 2
    one.program.wait_for("has version abcd of Locust")
    assert silent.all("ack") == []
    rig.wait_until(lambda: one.state().get("worker_count") == 3, "three workers")
    rig.wait_until(lambda: one.workers()[first.name]["cpu_usage"] == 12.5, "its CPU")
    assert one.workers()[first.name]["memory_usage"] == 1000000
    assert len(first.all("heartbeat")) >= 1


def test_counts_are_absolute_and_a_second_worker_gets_half(master, worker):
    one = master("--enable-rebalancing")
    first = worker(one)
    first.ready()
    assert one.swarm(100, 20)["success"]
    rig.wait_until(lambda: first.counts()[-1:] == [100], "100 users")
    assert first.counts() == [20, 40, 60, 80, 100]
    times = [data["timestamp"] for data in first.all("spawn")]
    assert times == sorted(set(times))
    spawn = first.all("spawn")[0]
    assert set(spawn) == {"timestamp", "user_classes_count", "host", "stop_timeout",
                          "parsed_options"}
    assert spawn["host"] == "http://127.0.0.1:1" and spawn["parsed_options"]["tea"] == "black"
    assert first.wait_for("spawning_complete")["user_count"] == 100
    second = worker(one)
    second.ready()
    rig.wait_until(lambda: second.counts()[-1:] == [50], "half of them")
    rig.wait_until(lambda: first.counts()[-1:] == [50], "half of them")
    assert second.counts() == [20, 40, 50]  # at the spawn rate, not at once
    rig.wait_until(lambda: one.state()["user_count"] == 100, "100 users in all")


def test_a_silent_worker_is_missing_and_heals(master, worker):
    one = master()
    first, second = worker(one), worker(one)
    first.ready()
    second.ready()
    one.swarm(2, 10)
    rig.wait_until(lambda: one.state()["state"] == "running", "state running")
    second.beats = False
    silent_since = time.monotonic()
    rig.wait_until(lambda: one.workers()[second.name]["state"] == "missing", "missing", 20)
    assert 4 < time.monotonic() - silent_since < 8
    assert one.state()["user_count"] == 1
    second.beats = True
    rig.wait_until(lambda: one.workers()[second.name]["state"] == "running", "healed", 10)
    assert one.state()["user_count"] == 2

    second.beats = False
    rig.wait_until(lambda: one.workers()[second.name]["state"] == "missing", "missing", 20)
    second.say("quit")  # a late word of a missing one
    rig.wait_until(lambda: second.name not in one.workers(), "gone")
    assert one.state()["state"] == "running"
    first.say("quit")
    rig.wait_until(lambda: one.state()["state"] == "stopped", "stopped")
    one.program.wait_for("no worker is left")


def test_rubbish_and_strangers(master, worker):
    one = master()
    known, stranger = worker(one), worker(one, beats=False)
    known.ready()
    stranger.beat()
    stranger.stats(1000, {"Buyer": 1})
    stranger.say("spawning")
    stranger.wait_for("quit")
    assert stranger.all("heartbeat") == []
    known.say_bytes(b"\xc1\xff no message")
    known.wait_for("reconnect")
    known.say_bytes(b"")
    known.wait_for("reconnect", 2)
    known.stats(7, {"Buyer": 0})
    rig.wait_until(lambda: one.state().get("worker_count") == 1, "one worker")
    one.program.wait_for("statistics of the unknown worker")
    assert one.state()["stats"][-1]["num_requests"] in (0, 7)


@pytest.mark.parametrize("hours", [-5, 0, 9])
def test_a_workers_clock_may_be_wrong(master, worker, hours):
    one = master()
    first = worker(one)
    first.ready()
    one.swarm(1, 1)
    rig.wait_until(lambda: one.state()["state"] == "running", "state running")
    for _ in range(3):
        first.stats(50, {"Buyer": 1}, second=int(time.time()) + hours * 3600)
        time.sleep(1)
    rig.wait_until(lambda: one.state()["stats"][-1]["num_requests"] == 150, "150 requests")
    assert 5 < one.state()["stats"][-1]["total_rps"] < 200


def test_stop_and_quit_wait_for_last_figures(master, worker):
    one = master()
    first = worker(one)
    first.ready()
    one.swarm(3, 10)
    rig.wait_until(lambda: one.state()["state"] == "running", "state running")
    one.program.signal(signal.SIGTERM)
    first.wait_for("stop")
    first.stats(5, {"Buyer": 0})
    first.say("client_stopped")
    first.state = "ready"
    first.wait_for("quit")
    time.sleep(1.5)  # longer than Locust's master would wait
    first.stats(6, {"Buyer": 0})
    first.say("quit")
    assert one.program.wait() == 0, one.program.told
    assert "Shutting down (exit code 0)" in one.program.told
    assert one.program.exchanges == 11, one.program.told


def test_a_test_starts_again_after_a_stop(master, worker):
    one = master()
    first = worker(one)
    first.ready()
    for round_ in range(1, 3):
        one.swarm(2, 10)
        rig.wait_until(lambda: one.state()["state"] == "running", "state running")
        first.stats(10, {"Buyer": 2})
        rig.wait_until(lambda: one.state()["stats"][-1]["num_requests"] == 10, "10 requests")
        stopper = rig.threading.Thread(target=one.stop)
        stopper.start()
        first.wait_for("stop", round_)
        first.say("client_stopped")
        stopper.join()
        assert one.state()["state"] == "stopped"
        first.state = "ready"
        assert first.ready()["index"] == 0


def test_expected_workers_that_do_not_come(master):
    one = master("--headless", "--expect-workers", "2", "--expect-workers-max-wait", "1")
    assert one.program.wait() == 1
    assert "only 0 of 2 workers came in time" in one.program.told


def test_exceptions_logs_and_messages(master, worker):
    one = master()
    first = worker(one)
    first.ready()
    one.swarm(1, 1)
    first.wait_for("spawn")
    for _ in range(2):
        first.say("exception", {"msg": "no tea", "traceback": "  line 1\nValueError: no tea\n"})
    first.say("logs", {"worker_id": first.name, "logs": ["one", "two"]})
    rows = rig.wait_until(lambda: rig.get_json(one.web + "/exceptions")["exceptions"], "a row")
    rig.wait_until(lambda: rig.get_json(one.web + "/exceptions")["exceptions"][0]["count"] == 2,
                   "two")
    assert rows[0]["msg"] == "ValueError: no tea"
    first.say("question", {"n": 5})  # the master's test answers: see buyers.cpp
    one.program.wait_for(f"{first.name} asks")
    assert first.wait_for("answer") == {"to": 5}


def test_a_taken_port_is_an_error(master, run):
    one = master()
    other = run("-f", SCENARIOS / "buyers.cpp", "--master", "--headless", "--master-bind-host",
                "127.0.0.1", "--master-bind-port", one.port)
    assert other.code == 1
    assert f"cannot wait for workers at 127.0.0.1:{one.port}: Address already in use" in other.told
