# SPDX-License-Identifier: Apache-2.0
"""Figures against a page whose distribution of delays is known exactly, and against nginx."""
import os
import shutil
import signal
import subprocess

import pytest

from rig import expect_served, get, get_json, rows_of, wait_until

pytestmark = pytest.mark.alone


def test_percentiles_are_those_of_the_known_distribution(run, demo, tmp_path):
    """Each within 1 %, plus the floor: how late this machine is for a delay of 50 ms, as measured
    just before."""
    floor = run(demo.url + "/slow?ms=50", "-u", "40", "-t", "3s", "--csv", "floor")
    assert floor.code == 0, floor.told
    floor_ms = float(rows_of(tmp_path / "floor_stats.csv")[-1]["99%"]) - 50
    assert 0 < floor_ms < 50
    demo.reset()
    truth = get_json(demo.url + "/known-latency/truth")
    done = run(demo.url + "/known-latency", "-u", "40", "-t", "8s", "--csv", "known")
    assert done.code == 0, done.told
    expect_served(done, demo)
    found = rows_of(tmp_path / "known_stats.csv")[-1]
    compared = 0
    for percent, true_ms in truth["percentiles_ms"].items():
        column = f"{percent}%"
        if column in found and percent != "100":
            assert true_ms * 0.99 <= float(found[column]) <= true_ms * 1.01 + floor_ms, column
            compared += 1
    assert compared >= 5


NGINX = """
daemon off;
error_log stderr crit;
pid {folder}/nginx.pid;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 50;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "hello\\n"; }}
        location /gone {{ return 410; }}
    }}
}}
"""


@pytest.fixture
def nginx(tmp_path):
    """nginx that closes each connection after 50 requests; .served() counts its log."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if not program:
        pytest.skip("nginx is not installed")
    port = 20_000 + os.getpid() % 10_000
    config = tmp_path / "nginx.conf"
    config.write_text(NGINX.format(folder=tmp_path, port=port))
    process = subprocess.Popen([program, "-e", "stderr", "-p", tmp_path, "-c", config],
                               stderr=subprocess.PIPE)

    class Running:
        url = f"http://127.0.0.1:{port}"

        @staticmethod
        def served():
            process.send_signal(signal.SIGQUIT)  # ends it when all is written
            process.wait(20)
            log = (tmp_path / "access.log").read_text()
            return sum('"GET /probe ' not in line for line in log.splitlines())

    def answers():
        assert process.poll() is None, process.stderr.read()
        try:
            return get(Running.url + "/probe")[0] == 200
        except OSError:
            return False
    wait_until(answers, "nginx")
    yield Running
    if process.poll() is None:
        process.kill()
    process.wait()


def test_nginx_sees_what_we_report(run, nginx):
    """Connections that the server closes again and again cost no request and invent none."""
    done = run(nginx.url + "/hello", "-u", "16", "-t", "2s")
    assert done.code == 0, done.told
    assert done.exchanges == nginx.served() > 1000
