# SPDX-License-Identifier: Apache-2.0
"""Goal: Cicada workers serve a real Locust master, driven by its page: start, edit and stop; what it
counts is what the shop has served.

Method: a Locust from its package index, two workers, the demo shop.
"""
import pathlib
import signal

import pytest

from nodes import LocustMaster
import rig

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"


@pytest.fixture
def master(locust, tmp_path):
    one = LocustMaster(locust, SCENARIOS / "buyers.py", "--enable-rebalancing", folder=tmp_path)
    yield one
    one.end()


@pytest.fixture
def workers(start, demo, master):
    """workers(count, arguments...) starts some and waits until the master knows them."""
    def start_some(count, *arguments):
        known = len(master.workers())
        programs = [start("-f", SCENARIOS / "buyers.cpp", "--worker", "--master-port", master.port,
                          *arguments) for _ in range(count)]
        rig.wait_until(lambda: len(master.workers()) == known + count, "workers", patience=120)
        return programs
    return start_some


def test_start_edit_and_stop_through_its_page(workers, master, demo):
    both = workers(2)
    assert sorted(one["state"] for one in master.workers()) == ["ready", "ready"]
    assert master.swarm(6, 100, host=demo.url)["success"]
    rig.wait_until(lambda: master.state()["user_count"] == 6, "six users")
    rig.wait_until(lambda: master.state()["state"] == "running", "state running")
    assert sorted(one["user_count"] for one in master.workers()) == [3, 3]
    rig.wait_until(lambda: demo.total > 100, "some load")
    assert master.swarm(3, 100, host=demo.url)["success"]
    rig.wait_until(lambda: master.state()["user_count"] == 3, "three users")
    assert master.swarm(8, 4, host=demo.url)["success"]
    rig.wait_until(lambda: master.state()["user_count"] == 8, "eight users")
    rig.wait_until(lambda: master.state()["state"] == "running", "state running")
    master.stop()
    rig.wait_until(lambda: master.state()["state"] == "stopped", "state stopped")
    rig.wait_until(lambda: master.requests()["Aggregated"] == demo.total,
                   f"{demo.total} requests in {master.requests()}", patience=10)
    requests = master.requests()
    assert requests["/items/[id]"] > 0 and requests["/"] == demo.requests("GET /")

    demo.reset()  # and once more
    assert master.swarm(2, 10, host=demo.url)["success"]
    rig.wait_until(lambda: demo.total > 20, "some load")
    master.stop()
    rig.wait_until(lambda: master.state()["state"] == "stopped", "state stopped")
    rig.wait_until(lambda: master.requests()["Aggregated"] == demo.total, "the same count",
                   patience=10)
    master.signal(signal.SIGTERM)
    master.wait()
    for one in both:
        assert one.wait() == 0, one.told


def test_a_worker_that_comes_late_and_one_that_goes(workers, master, demo):
    first = workers(1)[0]
    assert master.swarm(4, 100, host=demo.url)["success"]
    rig.wait_until(lambda: master.state()["user_count"] == 4, "four users")
    second = workers(2)[0]  # two more
    del second
    first.signal(signal.SIGTERM)
    assert first.wait() == 0, first.told
    rig.wait_until(lambda: len([one for one in master.workers() if one["state"] != "missing"]) == 2,
                   "two workers")
    rig.wait_until(lambda: master.state()["user_count"] == 4, "four users again")
    master.stop()
    rig.wait_until(lambda: master.state()["state"] == "stopped", "state stopped")
    rig.wait_until(lambda: master.requests()["Aggregated"] == demo.total, "the same count",
                   patience=10)
