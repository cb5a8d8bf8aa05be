# SPDX-License-Identifier: Apache-2.0
"""Fixtures of all tests that start the program."""
import os

import pytest

import rig


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """Each scenario is compiled once for all tests, also if several processes run them."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    (folder / "cache").mkdir(mode=0o700, exist_ok=True)
    return folder / "cache"


@pytest.fixture(scope="session")
def shop_for_all(tmp_path_factory):
    demo = rig.Demo(tmp_path_factory.mktemp("demo"))
    yield demo
    demo.end()


@pytest.fixture
def demo(shop_for_all):
    """The demo shop with its counters at zero."""
    shop_for_all.reset()
    return shop_for_all


@pytest.fixture
def start(tmp_path, cache):
    """start(arguments...) starts the program; whatever still runs is ended with the test."""
    running = []

    def start_one(*arguments, environment=None, limits=None):
        running.append(rig.Program(*arguments, folder=tmp_path, limits=limits,
                                   environment={"CICADA_CACHE": str(cache), **(environment or {})}))
        return running[-1]

    yield start_one
    for program in running:
        program.end()


@pytest.fixture
def run(start):
    """run(arguments...) starts the program and waits for its end; .code is its exit code."""
    def run_one(*arguments, **settings):
        program = start(*arguments, **settings)
        program.code = program.wait()
        return program
    return run_one
