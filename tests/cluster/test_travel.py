# SPDX-License-Identifier: Apache-2.0
"""-f - : workers that are given their test by the master."""
import pathlib
import re

import pytest
import rig

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"
NO_COMPILER = {"PATH": "/nowhere", "CXX": ""}


@pytest.fixture
def master(start, demo):
    """master(arguments...) starts one for this machine alone; .port is where workers find it."""
    def start_master(scenario, *arguments):
        program = start("-f", SCENARIOS / scenario, "--master", "--master-bind-host", "127.0.0.1",
                        "--master-bind-port", "0", "--headless", "-u", "4", "-r", "4", "-t", "3s",
                        "-H", demo.url, *arguments)
        program.port = program.wait_for(r"Waiting for workers at port (\d+)")[1]
        return program
    return start_master


@pytest.fixture
def worker(start, tmp_path):
    """worker(master, name) starts one without a test, a compiler, or anything in its cache."""
    def start_worker(program, name="fresh", **environment):
        cache = tmp_path / name
        cache.mkdir(mode=0o700, exist_ok=True)
        return start("-f", "-", "--worker", "--master-port", program.port,
                     environment={**NO_COMPILER, "CICADA_CACHE": str(cache), **environment})
    return start_worker


def test_a_worker_without_compiler_gets_the_test_and_its_data(master, worker, demo):
    program = master("travels.cpp")
    one = worker(program)
    assert program.wait() == 0, program.told + one.told
    assert one.wait() == 0, one.told
    rig.expect_served(program, demo)
    assert demo.requests("GET /items/[n]") > 0
    assert re.search(r"The master's test: 3 of its files came", one.told), one.told


def test_what_has_come_before_does_not_come_again(master, worker, demo):
    for came in (3, 0):
        program = master("travels.cpp")
        one = worker(program, "kept")
        assert program.wait() == 0, program.told + one.told
        assert re.search(rf"The master's test: {came} of its files came", one.told), one.told
        one.wait()


def test_only_workers_that_have_loaded_the_test_are_waited_for(master, worker, demo):
    program = master("travels.cpp", "--expect-workers", "2")
    first = worker(program, "one")
    second = worker(program, "two")
    assert program.wait() == 0, program.told + first.told + second.told
    rig.expect_served(program, demo)


def test_code_is_not_taken_from_a_stranger(run):
    program = run("-f", "-", "--worker", "--master-host", "192.0.2.1")
    assert program.code == 1
    assert ("code comes only from a master on this machine, or one with the same "
            "--cluster-secret") in program.err


def test_only_a_worker_may_ask_for_a_test(run):
    program = run("-f", "-", "--headless")
    assert program.code == 2
    assert "argument -f -: only a worker (--worker) gets its test from a master" in program.err
