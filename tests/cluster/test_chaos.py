# SPDX-License-Identifier: Apache-2.0
"""Goal: whatever happens to nodes and network, a cluster's run ends with the right exit code, never
exceeds a limit, and says no more than the server saw: the two agree, or what is uncertain is stated
and contains the difference.

Method: real processes on machines of their own (network namespaces); the shop counts.
"""
import json
import pathlib
import signal
import subprocess
import sys
import time

import pytest

import machines
import rig

SCENARIO = pathlib.Path(__file__).resolve().parent / "scenarios" / "orders.cpp"
RELAY = pathlib.Path(__file__).resolve().parent / "relay.py"


class Cluster:
    """A shop, a master and workers, each on a machine of its own."""

    def __init__(self, network, folder, cache, orders):
        self.network, self.folder = network, folder
        self.environment = {"CICADA_CACHE": str(cache), "ORDERS": str(orders)}
        self.shop = network.machine("shop")
        self.master_machine = network.machine("master")
        self.workers = []
        self.shop.start("demo-server", "--host", "0.0.0.0", "--port", "8000", "--trace-header",
                        "X-Trace", folder=folder).wait_for("demo shop on")
        self.shop_url = f"http://{self.shop.address}:8000"
        # Compiled once, and not by all nodes at the same time.
        check = rig.Program("check", SCENARIO, folder=folder, environment=self.environment)
        assert check.wait() == 0, check.told

    def start_master(self, *options, workers, users=30):
        self.master = self.master_machine.start(
            "-f", SCENARIO, "--master", "--headless", "-H", self.shop_url, "-u", users, "-r", users,
            "--expect-workers", workers, "--json-file", "report", "--trace-header", "X-Trace",
            *options, folder=self.folder, environment=self.environment)
        return self.master

    def start_worker(self, name, *options, host=None, port=5557, environment=None, before=()):
        machine = self.network.machine(name)
        program = machine.start(
            "-f", SCENARIO, "--worker", "--master-host", host or self.master_machine.address,
            "--master-port", port, *options, folder=self.folder,
            environment={**self.environment, **(environment or {})}, before=before)
        machine.program = program
        self.workers.append(machine)
        return machine

    def start_workers(self, count):
        for number in range(1, count + 1):
            self.start_worker(f"w{number}")

    def served(self):
        """{page: requests} as the shop saw them."""
        return json.loads(self.shop.get(self.shop_url + "/count"))["requests"]

    def wait_for_requests(self, count):
        rig.wait_until(lambda: sum(self.served().values()) >= count, f"{count} requests")

    def report(self):
        return json.loads((self.folder / "report.json").read_text())

    def run_report(self):
        return next(entry for entry in self.report() if entry["name"] == "(run)")["run"]

    def expect_truth(self, code=0, orders=None):
        """The run ended in time, and its figures are the shop's or contain them."""
        assert self.master.wait(120) == code, self.master.told
        whole = self.run_report()
        limit, = whole["limits"]
        exchanges = sum(entry["exchanges"] for entry in self.report())
        served = sum(self.served().values())
        assert served <= limit["limit"], self.master.told
        uncertain = whole["exchanges_uncertain"]
        assert exchanges <= served <= exchanges + uncertain, self.master.told
        assert limit["done"] <= served <= limit["done"] + limit["uncertain"], self.master.told
        if orders is not None:
            assert served == orders == exchanges
        return whole


def at_another_time(offset):
    """The environment of a program whose wall clock is wrong."""
    library, = pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return {"LD_PRELOAD": str(library), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.fixture
def cluster(tmp_path, cache):
    with machines.Network() as network:
        def make(orders=3000):
            return Cluster(network, tmp_path, cache, orders)
        yield make


class Relay:
    """Between a worker and its master."""

    def __init__(self, machine, target):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", machine.namespace, sys.executable, str(RELAY), "5600", target,
             "5557"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def order(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def test_three_machines_in_peace(cluster):
    nodes = cluster()
    nodes.start_master(workers=3)
    nodes.start_workers(3)
    nodes.expect_truth(orders=3000)


def test_a_killed_worker_leaves_only_a_stated_part_uncertain(cluster):
    nodes = cluster()
    nodes.start_master(workers=3)
    nodes.start_workers(3)
    nodes.wait_for_requests(500)
    nodes.workers[0].program.signal(signal.SIGKILL)
    nodes.expect_truth()


def test_a_frozen_worker_comes_back(cluster):
    nodes = cluster()
    nodes.start_master(workers=3)
    nodes.start_workers(3)
    nodes.wait_for_requests(300)
    nodes.workers[0].program.signal(signal.SIGSTOP)
    time.sleep(10)
    nodes.workers[0].program.signal(signal.SIGCONT)
    nodes.expect_truth()


def test_a_partition_heals(cluster):
    nodes = cluster()
    nodes.start_master(workers=3)
    nodes.start_workers(3)
    nodes.wait_for_requests(300)
    nodes.workers[0].cut_off_from(nodes.master_machine.address)
    time.sleep(8)
    nodes.workers[0].heal()
    nodes.expect_truth(orders=3000)


def test_five_percent_loss(cluster):
    nodes = cluster()
    nodes.start_master(workers=3)
    for name in ("w1", "w2", "w3"):
        nodes.start_worker(name).filter("tcp dport 5557 numgen random mod 100 < 5 drop",
                                        "tcp sport 5557 numgen random mod 100 < 5 drop")
    nodes.expect_truth(orders=3000)


def test_two_hundred_milliseconds_stalls_and_resets(cluster):
    nodes = cluster()
    nodes.start_master(workers=2)
    relays = []
    for name in ("w1", "w2"):
        machine = nodes.network.machine(f"{name}-relay")
        relays.append(Relay(machine, nodes.master_machine.address))
        relays[-1].order("delay 200")
        nodes.start_worker(name, host=machine.address, port=5600)
    try:
        nodes.wait_for_requests(300)
        relays[0].order("stall")
        time.sleep(3)
        relays[0].order("flow")
        for _ in range(3):
            time.sleep(1)
            relays[1].order("reset")
        nodes.expect_truth(orders=3000)
    finally:
        for relay in relays:
            relay.end()


def test_clocks_hours_apart(cluster):
    nodes = cluster()
    nodes.start_master(workers=2)
    nodes.start_worker("w1", environment=at_another_time("+3h"))
    nodes.start_worker("w2", environment=at_another_time("-7h"))
    nodes.expect_truth(orders=3000)


def test_a_worker_joins_each_second(cluster):
    nodes = cluster(orders=4000)
    nodes.start_master(workers=1)
    for number in range(8):
        nodes.start_worker(f"w{number}")
        time.sleep(1)
    nodes.expect_truth(orders=4000)


def test_fifty_workers_at_once(cluster):
    nodes = cluster(orders=5000)
    nodes.start_master(workers=50, users=100)
    nodes.start_workers(50)
    nodes.expect_truth(orders=5000)
