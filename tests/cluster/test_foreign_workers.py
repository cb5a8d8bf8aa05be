# SPDX-License-Identifier: Apache-2.0
"""Goal: workers of other makes serve a Cicada master, alone and together with its own.

Method: a real Locust from its package index, the demo shop.
"""
import pathlib

import pytest

import rig
from nodes import free_port

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"


@pytest.fixture
def master(start, demo):
    def start_one(*arguments):
        port = free_port()
        program = start("-f", SCENARIOS / "buyers.cpp", "Buyer", "Looker", "--master",
                        "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "-H",
                        demo.url, "--headless", *arguments)
        program.port = port
        program.wait_for("Waiting for workers at port")
        return program
    return start_one


@pytest.fixture
def others(tmp_path, demo):
    """others(program, arguments...) starts a program that is not ours."""
    running = []

    def start_one(program, *arguments, environment=None):
        running.append(rig.Program(*arguments, folder=tmp_path, program=program,
                                   environment=environment))
        return running[-1]

    yield start_one
    for program in running:
        program.end()


def locust_arguments(master):
    return ("-f", SCENARIOS / "buyers.py", "--worker", "--master-host", "127.0.0.1",
            "--master-port", master.port)


def test_locust_workers_under_our_master(master, others, locust, demo):
    one = master("-u", 8, "-r", 4, "-t", "10s", "--expect-workers", 2)
    workers = [others(locust, *locust_arguments(one)) for _ in range(2)]
    assert one.wait(120) == 0, one.told
    for worker in workers:
        worker.wait(30)
    assert 'All users spawned: {"Buyer": 4, "Looker": 4} (8 total users)' in one.told
    assert demo.total > 100
    # Locust kills its users at a stop: what was on the wire then it has not counted.
    assert 0 <= demo.total - one.exchanges <= 8, one.told


def test_a_locust_worker_and_ours_together(master, others, start, locust, demo):
    one = master("-u", 8, "-r", 8, "-t", "10s", "--expect-workers", 2)
    others(locust, *locust_arguments(one))
    ours = start("-f", SCENARIOS / "buyers.cpp", "Buyer", "Looker", "--worker", "--master-port",
                 one.port)
    assert one.wait(120) == 0, one.told
    assert ours.wait(30) == 0, ours.told
    assert 0 <= demo.total - one.exchanges <= 4, one.told
