# SPDX-License-Identifier: Apache-2.0
"""Servers that misbehave: each answer becomes one failed request with a clear text, in time."""
import contextlib
import socket
import threading
import time

import pytest

from rig import SCENARIOS, rows_of


@contextlib.contextmanager
def server(answer):
    """A server that calls answer(connection) for each connection, on a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve(connection):
        with connection, contextlib.suppress(OSError):
            connection.settimeout(20)
            connection.recv(65536)
            answer(connection, stopped)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def sends(*pieces, then_waits=False):
    def answer(connection, stopped):
        for piece in pieces:
            connection.sendall(piece)
        if then_waits:
            stopped.wait(20)
    return answer


def drips(connection, stopped):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not stopped.wait(0.02):
        connection.sendall(b"x")


def floods(connection, stopped):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not stopped.is_set():
        connection.sendall(b"x" * 65536)


def never_ending_headers(connection, stopped):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not stopped.is_set():
        connection.sendall(b"X-More: and more\r\n" * 100)


def interim_for_ever(connection, stopped):
    while not stopped.is_set():
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")


@pytest.mark.parametrize("answer", [
    pytest.param(sends(b"220 smtp.example.com ready\r\n"), id="garbage"),
    pytest.param(sends(b""), id="closes_at_once"),
    pytest.param(sends(b"HTTP/1.1 200 OK\r\nContent-Le"), id="truncated_head"),
    pytest.param(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), id="truncated_body"),
    pytest.param(sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
                 id="bad_chunk"),
    pytest.param(sends(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), id="bad_length"),
    pytest.param(sends(b"HTTP/1.1 200 OK\r\n", then_waits=True), id="head_never_ends"),
    pytest.param(drips, id="body_drips"),
    pytest.param(floods, id="floods"),
    pytest.param(never_ending_headers, id="endless_headers"),
    pytest.param(interim_for_ever, id="endless_interim_answers"),
])
def test_a_bad_answer_is_one_failed_request(run, tmp_path, answer):
    """Within the request timeout, with a text that says what; the run goes on and ends in time."""
    with server(answer) as url:
        done = run(url, "-u", "2", "-t", "1500ms", "--request-timeout", "700ms", "--max-body-size",
                   "4m", "--csv", "out", "--drain-timeout", "1s")
    assert done.code == 1, done.told
    assert done.seconds < 8
    failures = rows_of(tmp_path / "out_failures.csv")
    assert 1 <= len(failures) <= 2, failures
    assert all(len(row["Error"]) > 10 for row in failures), failures
    total = rows_of(tmp_path / "out_stats.csv")[-1]
    assert int(total["Failure Count"]) == int(total["Request Count"]) > 0


def test_nobody_listens(run):
    """Refused connections are failures without an exchange."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        done = run(f"http://127.0.0.1:{port}/", "-t", "300ms")
    assert done.code == 1
    assert f"127.0.0.1:{port}" in done.told and "refused" in done.told
    assert done.exchanges == 0


@pytest.mark.alone
def test_one_bad_server_harms_no_other_user(run, demo, tmp_path):
    """Users of a well-behaved server beside users of one that floods: the former all pass."""
    with server(floods) as url:
        run("-f", SCENARIOS / "neighbours.cpp", "--headless", "-H", demo.url, "-u", "8", "-r", "100",
            "-t", "2s", "--request-timeout", "1s", "--max-body-size", "8m", "--csv", "out",
            environment={"BAD_URL": url})
    rows = {row["Name"]: row for row in rows_of(tmp_path / "out_stats.csv")}
    assert int(rows["/"]["Request Count"]) == demo.total > 50
    assert int(rows["/"]["Failure Count"]) == 0
    assert int(rows["bad"]["Failure Count"]) == int(rows["bad"]["Request Count"]) > 0


def test_memory_stays_within_the_body_budget(start):
    """Eight users of a server that never stops sending: bodies are refused, not collected."""
    with server(floods) as url:
        program = start(url, "-u", "8", "-t", "3s", "--body-budget", "16m", "--request-timeout", "1s")
        peak = 0
        while program.process.poll() is None:
            with contextlib.suppress(OSError), open(f"/proc/{program.process.pid}/status") as status:
                for line in status:
                    if line.startswith("VmRSS"):
                        peak = max(peak, int(line.split()[1]))
            time.sleep(0.05)
        assert program.wait() == 1
    assert peak < 150_000  # KiB
