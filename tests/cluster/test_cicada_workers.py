# SPDX-License-Identifier: Apache-2.0
"""Goal: a test's own words travel between the nodes of a cluster: arguments, tags, messages, places;
and a worker that has lost its master, or is refused by it, says so.

Method: a Cicada master and workers on this machine, and what they log.
"""
import pathlib
import re
import signal

import pytest

import rig
from nodes import free_port

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"


@pytest.fixture
def cluster(start, demo):
    """cluster(workers, arguments...) starts a master and so many workers: (master, workers)."""
    def start_all(count, *arguments, scenario="nodes.cpp", of_worker=()):
        port = free_port()
        file = SCENARIOS / scenario
        master = start("-f", file, "--master", "--master-bind-host", "127.0.0.1",
                       "--master-bind-port", port, "-H", demo.url, "--expect-workers", count,
                       *arguments)
        workers = [start("-f", file, "--worker", "--master-port", port, *of_worker)
                   for _ in range(count)]
        master.wait_for("workers connected", patience=120)  # the test is compiled first
        return master, workers
    return start_all


def test_places_arguments_and_tags(cluster, demo):
    master, workers = cluster(2, "--headless", "-u", 4, "-r", 10, "-t", "2s", "--tea", "green",
                              "--pause", "20ms", "--tags", "wanted")
    assert master.wait() == 0, master.told
    for one in workers:
        assert one.wait() == 0, one.told
    rig.expect_served(master, demo)
    assert "role master, tea green" in master.told
    places = sorted(one.wait_for(r"role worker, place (\d of \d), tea green, pause 20 ms")[1]
                    for one in workers)
    assert places == ["0 of 2", "1 of 2"]
    assert demo.requests("GET /") == demo.total > 0


def test_messages_reach_the_nodes_they_are_meant_for(cluster, demo):
    """The master asks all, each answers, the master asks the first to greet the second."""
    master, workers = cluster(2, "--headless", "-u", 2, "-r", 10, "-t", "3s", "--ask")
    assert master.wait() == 0, master.told
    assert len(re.findall(r"(\S+) answers 7", master.told)) == 2
    greetings = [one for one in workers if "greets me" in one.told]
    assert len(greetings) == 1, master.told + workers[0].told + workers[1].told
    assert 'a message "hello" of master is dropped: there is no worker nobody' in master.told


def test_a_worker_s_log_is_the_master_s_too(cluster, demo):
    web = free_port()
    master, workers = cluster(1, "--web-port", web)
    workers[0].wait_for("Worker 0 of a Cicada master")
    master.signal(signal.SIGTERM)
    assert master.wait() == 0, master.told
    assert workers[0].wait() == 0, workers[0].told


def test_a_worker_ends_when_its_master_stays_away(cluster, demo):
    master, workers = cluster(1, "--headless", "-u", 2, "-r", 10, "-t", "60s",
                              of_worker=("--master-lost-after", "3s"))
    rig.wait_until(lambda: demo.total > 20, "some load", patience=120)
    master.signal(signal.SIGKILL)
    assert workers[0].wait() == 1
    assert "the master has been silent for 3s" in workers[0].err
    assert "requests are missing there" in workers[0].err
