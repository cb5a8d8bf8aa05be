# SPDX-License-Identifier: Apache-2.0
"""Goal: a Cicada master and its workers are one run: the figures are the server's, whoever comes,
goes, freezes or dies.

Method: real processes on this machine, the demo shop.
"""
import json
import pathlib
import signal
import time

import pytest

import rig
from nodes import free_port

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"


@pytest.fixture
def cluster(start, demo):
    """cluster(workers, arguments...) starts a master and so many workers: (master, workers)."""
    def start_all(count, *arguments, scenario="buyers.cpp"):
        port = free_port()
        file = SCENARIOS / scenario
        master = start("-f", file, "Buyer", "Looker", "--master", "--master-bind-host",
                       "127.0.0.1", "--master-bind-port", port, "-H", demo.url, *arguments)
        master.port = port
        workers = [start("-f", file, "Buyer", "Looker", "--worker", "--master-port", port)
                   for _ in range(count)]
        return master, workers
    return start_all


def test_what_two_workers_send_is_what_the_shop_serves(cluster, demo):
    master, workers = cluster(2, "--headless", "-u", 10, "-r", 10, "-t", "5s",
                              "--expect-workers", 2)
    assert master.wait() == 0, master.told
    for one in workers:
        assert one.wait() == 0, one.told
    rig.expect_served(master, demo)
    assert demo.total > 500
    assert 'All users spawned: {"Buyer": 5, "Looker": 5} (10 total users)' in master.told


def test_start_edit_and_stop_over_the_page(cluster, demo):
    web = free_port()
    master, workers = cluster(2, "--web-port", web)
    page = f"http://127.0.0.1:{web}"

    def state():
        return rig.get_json(page + "/stats/requests")

    master.wait_for("2 workers connected")
    assert rig.get_json(page + "/swarm", user_count=8, spawn_rate=20)["success"]
    rig.wait_until(lambda: state()["user_count"] == 8, "eight users")
    assert sorted(one["user_count"] for one in state()["workers"]) == [4, 4]
    assert rig.get_json(page + "/swarm", user_count=3, spawn_rate=20)["success"]
    rig.wait_until(lambda: state()["user_count"] == 3, "three users")
    rig.get(page + "/stats/reset")
    assert rig.get_json(page + "/stop")["success"]
    assert state()["state"] == "stopped" and state()["user_count"] == 0
    demo.reset()
    assert rig.get_json(page + "/swarm", user_count=4, spawn_rate=20)["success"]
    rig.wait_until(lambda: demo.total > 100, "some load")
    rig.get_json(page + "/stop")
    assert state()["stats"][-1]["num_exchanges"] == demo.total
    master.signal(signal.SIGINT)
    assert master.wait() == 0, master.told
    for one in workers:
        assert one.wait() == 0, one.told


def test_a_worker_that_freezes_comes_back_with_all_it_has(cluster, demo):
    master, workers = cluster(2, "--headless", "-u", 4, "-r", 10, "-t", "12s",
                              "--expect-workers", 2, "--worker-missing-after", "2s")
    master.wait_for("All users spawned")
    workers[0].signal(signal.SIGSTOP)
    master.wait_for("has not been heard of")
    workers[0].signal(signal.SIGCONT)
    master.wait_for("is back")
    assert master.wait() == 0, master.told
    rig.expect_served(master, demo)


def test_a_worker_that_joins_late_gets_its_share(cluster, start, demo):
    master, workers = cluster(1, "--headless", "-u", 8, "-r", 8, "-t", "8s",
                              "--enable-rebalancing")
    master.wait_for("All users spawned")
    late = start("-f", SCENARIOS / "buyers.cpp", "Buyer", "Looker", "--worker", "--master-port",
                 master.port)
    master.wait_for("2 workers connected")
    assert master.wait() == 0, master.told
    assert late.wait() == 0 and workers[0].wait() == 0
    rig.expect_served(master, demo)


def test_a_worker_that_ends_hands_over_what_it_measured(cluster, demo):
    master, workers = cluster(2, "--headless", "-u", 6, "-r", 10, "-t", "8s",
                              "--expect-workers", 2, "--enable-rebalancing")
    master.wait_for("All users spawned")
    rig.wait_until(lambda: demo.total > 100, "some load")
    workers[0].signal(signal.SIGTERM)
    assert workers[0].wait() == 0, workers[0].told
    assert master.wait() == 0, master.told
    rig.expect_served(master, demo)


def test_a_killed_worker_does_not_stop_the_others(cluster, demo):
    master, workers = cluster(2, "--headless", "-u", 4, "-r", 10, "-t", "10s",
                              "--expect-workers", 2, "--worker-missing-after", "2s",
                              "--enable-rebalancing")
    master.wait_for("All users spawned")
    rig.wait_until(lambda: demo.total > 100, "some load")
    workers[0].signal(signal.SIGKILL)
    master.wait_for("has not been heard of")
    assert master.wait() == 0, master.told
    assert master.exchanges <= demo.total


def test_a_limit_holds_for_all_workers_together(cluster, demo):
    master, _ = cluster(3, "--headless", "-u", 9, "-r", 50, "--iterations", 500,
                        "--expect-workers", 3)
    assert master.wait() == 0, master.told
    assert demo.total == 500
    rig.expect_served(master, demo)


def test_the_same_seed_gives_the_same_load_on_one_and_on_three(cluster, demo):
    counts = []
    for workers in (1, 3):
        demo.reset()
        master, _ = cluster(workers, "--headless", "-u", 6, "-r", 100, "--seed", 7,
                            "--expect-workers", workers, scenario="counted.cpp")
        assert master.wait() == 0, master.told
        counts.append({page: number for page, number in demo.count()["requests"].items() if number})
    assert counts[0] == counts[1]
    assert sum(counts[0].values()) == 6 * 20


def test_no_worker_is_a_sentence(cluster):
    web = free_port()
    master, _ = cluster(0, "--web-port", web)
    master.wait_for("Starting web interface")
    answer = json.loads(rig.get(f"http://127.0.0.1:{web}/swarm", user_count=1, spawn_rate=1)[1])
    assert not answer["success"]
    assert "no worker is connected that has loaded the test" in answer["message"]
    master.signal(signal.SIGTERM)
    assert master.wait() == 0, master.told


def test_a_worker_in_a_hogging_task_is_not_missing(cluster, demo):
    master, _ = cluster(1, "--headless", "-u", 1, "-t", "5s", "--worker-missing-after", "1s",
                        scenario="hog.cpp")
    assert master.wait() == 0, master.told
    assert "has not been heard of" not in master.told
    rig.expect_served(master, demo)
