# SPDX-License-Identifier: Apache-2.0
"""Goal: with a secret only nodes that know it meet, both sides say why others do not, and nothing
shows it; whatever bytes come to a master's port, the run goes on.

Method: real processes on this machine, the demo shop; workers without the secret, with another one,
one at the plain port, and a stranger who sends noise.
"""
import pathlib
import random
import socket

import pytest
import zmq

import rig
from nodes import free_port
from workers import FakeWorker

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"
SECRET = "correct horse battery staple"


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    return f"@{file}"


@pytest.fixture
def node(start, demo):
    """node("--master", ...) and node("--worker", ...) of one test."""
    def start_one(*arguments):
        return start("-f", SCENARIOS / "buyers.cpp", "Buyer", "Looker", *arguments)
    return start_one


def master_arguments(port, demo):
    return ("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "-H",
            demo.url, "--headless", "-u", 6, "-r", 20, "-t", "4s")


def test_who_knows_the_secret_joins_and_nobody_else(node, demo, secret, tmp_path):
    port = free_port()
    other = tmp_path / "other"
    other.write_text("another secret of theirs")
    master = node(*master_arguments(port, demo), "--cluster-secret", secret, "--expect-workers", 2)
    workers = [node("--worker", "--master-port", port, "--cluster-secret", secret)
               for _ in range(2)]
    plain = node("--worker", "--master-port", port)
    wrong = node("--worker", "--master-port", port, "--cluster-secret", f"@{other}")
    plain.wait_for(r"refuses this worker: it wants a cluster secret \(--cluster-secret\)", patience=180)
    wrong.wait_for("refuses this worker: it has another cluster secret, or none", patience=180)
    for process in (master, *workers):
        shown = pathlib.Path(f"/proc/{process.process.pid}/cmdline").read_bytes()
        assert SECRET.encode() not in shown
    assert master.wait(180) == 0, master.told
    for one in workers:
        assert one.wait() == 0, one.told
    rig.expect_served(master, demo)
    assert "refused a connection from" in master.told
    assert "it does not know the cluster's secret" in master.told
    for one in (master, *workers, plain, wrong):
        assert SECRET not in one.told
    assert "anybody who reaches" not in master.told


def test_a_plain_port_lets_in_who_cannot_encrypt(node, demo, secret):
    port, plain_port = free_port(), free_port()
    master = node(*master_arguments(port, demo), "--cluster-secret", secret, "--plain-bind",
                  f"127.0.0.1:{plain_port}", "--expect-workers", 2)
    fake = FakeWorker(plain_port)
    fake.say("client_ready", -1)
    worker = node("--worker", "--master-port", port, "--cluster-secret", secret)
    master.wait_for("All users spawned", patience=180)
    counts = [data["user_classes_count"] for _, kind, data in fake.heard if kind == "spawn"]
    assert sum(counts[-1].values()) == 3
    assert f"anybody who reaches 127.0.0.1:{plain_port} can join this cluster" in master.told
    fake.say("quit")
    assert master.wait(180) == 0, master.told
    assert worker.wait() == 0, worker.told
    rig.expect_served(master, demo)


def test_a_secret_on_the_command_line_is_refused(node, demo):
    master = node(*master_arguments(free_port(), demo), "--cluster-secret", SECRET)
    assert master.wait(180) == 2
    assert "it would show in every list of processes" in master.told
    assert SECRET not in master.told


def test_a_master_that_anybody_reaches_says_so(node, demo):
    port = free_port()
    master = node("--master", "--master-bind-port", port, "-H", demo.url, "--headless", "-t", "1s",
                  "--expect-workers", 1, "--expect-workers-max-wait", 1)
    master.wait(180)
    assert f"anybody who reaches port {port} can join this cluster" in master.told


def test_noise_does_not_stop_a_master(node, demo):
    port = free_port()
    noise = random.Random(7)
    master = node(*master_arguments(port, demo), "--expect-workers", 1)
    master.wait_for("Waiting for workers", patience=180)
    context = zmq.Context()
    stranger = context.socket(zmq.DEALER)
    stranger.identity = b"\xff\x00stranger"
    stranger.connect(f"tcp://127.0.0.1:{port}")
    for _ in range(500):
        stranger.send(noise.randbytes(noise.randrange(200)))
    stranger.send_multipart([b"", b"a", b"b"])
    stranger.send(b"\x93\xa5stats\x93\x01\x02\x03\xa1x")
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(noise.randbytes(100))
    worker = node("--worker", "--master-port", port)
    assert master.wait(180) == 0, master.told
    assert worker.wait() == 0, worker.told
    context.destroy(linger=0)
    rig.expect_served(master, demo)
