# SPDX-License-Identifier: Apache-2.0
"""VALID, SUSPECT or INVALID: the verdict turns when something spoils the figures."""
import json
import os
import pathlib
import re
import resource
import socket
import subprocess

import pytest

from rig import expect_served

pytestmark = pytest.mark.alone

CGROUPS = [pathlib.Path("/sys/fs/cgroup"), pathlib.Path("/sys/fs/cgroup/cpu")]


def verdict(program):
    return re.findall(r"^Verdict: +(\w+)$", program.told, re.M)[-1]


def reasons(program):
    return re.findall(r"^(?:SUSPECT|INVALID): +(.*)$", program.told, re.M)


def test_clean_runs_are_valid(load):
    """Users that wait, as most do; the report says so in JSON too. $CLEAN_RUNS of them."""
    for _ in range(int(os.environ.get("CLEAN_RUNS", "3"))):
        done = load("shopper.cpp", "-u", "4", "-r", "100", "-t", "2s", "--only-summary", "--json")
        assert verdict(done) == "VALID", done.told
        report = json.loads(done.out[done.out.index("["):])[-1]["run"]
        assert (report["verdict"], report["reasons"]) == ("VALID", [])


def test_a_task_that_holds_the_engine_spoils_the_run(load):
    """A hogged engine: 0.9 s without a wait. It decides the exit code if it is asked to."""
    done = load("behaviour.cpp", "-t", "5s", "--exit-code-on-invalid", "7", "--json",
                "--only-summary", environment={"BEHAVIOUR": "hold_engine"})
    assert verdict(done) == "INVALID", done.told
    assert any(re.search(r"one task held the engine for (0.[5-9]|1.[0-9]) s", reason)
               for reason in reasons(done)), done.told
    assert done.code == 7
    report = json.loads(done.out[done.out.index("["):])[-1]["run"]
    assert report["verdict"] == "INVALID" and report["reasons"]
    assert report["reasons"][0]["text"] in report["warnings"]


def test_a_dead_target_is_not_measured(run):
    """A port that nobody listens at: every request is refused, and the figures are nobody's."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, but not listening
        done = run(f"http://127.0.0.1:{closed.getsockname()[1]}/", "-u", "2", "-t", "1s",
                   "--only-summary", "--exit-code-on-invalid", "4")
    assert verdict(done) == "INVALID", done.told
    assert re.search(r"no request was answered: all \d+ failed", reasons(done)[0]), done.told
    assert done.code == 4


def test_a_run_that_recorded_nothing_is_not_valid(run, tmp_path):
    """A task that only waits. There is nothing to believe or not."""
    (tmp_path / "idle.cpp").write_text("""
#include <cicada/cicada.hpp>
using namespace cicada;
class Idler : public User {
public:
    void rest() { sleep(100ms); }
};
static const auto idlers = users<Idler>().task<&Idler::rest>();
""")
    done = run("-f", "idle.cpp", "--headless", "-t", "1s", "--only-summary")
    assert verdict(done) == "INVALID", done.told
    assert reasons(done) == ["nothing was measured: no request was recorded, and no metric"]


def test_running_out_of_descriptors_spoils_the_run(run, demo):
    """EMFILE: 60 users where 40 descriptors may be open."""
    done = run(demo.url, "-u", "60", "-t", "1s", "--only-summary",
               limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40)))
    assert verdict(done) == "INVALID", done.told
    assert any("ran out of open files: raise ulimit -n" in reason for reason in reasons(done))
    expect_served(done, demo)


NETWORK_OF_ITS_OWN = """
ip link set lo up
echo 40000 40009 >/proc/sys/net/ipv4/ip_local_port_range
"$0" demo-server --port 8000 >/dev/null 2>&1 &
demo=$!
trap 'kill $demo; wait $demo' EXIT
while ! curl -s -o /dev/null http://127.0.0.1:8000/count; do sleep 0.05; done
"$0" http://127.0.0.1:8000/ -u 40 -t 1s --only-summary
"""


def test_running_out_of_ports_spoils_the_run(tmp_path):
    """40 users where there are 10 local ports, in a network namespace of its own."""
    import rig
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode != 0:
        pytest.skip("no network namespace to be had")
    done = subprocess.run(["unshare", "--net", "sh", "-c", NETWORK_OF_ITS_OWN, str(rig.PROGRAM)],
                          cwd=tmp_path, text=True, capture_output=True, timeout=60)
    assert "Verdict:        INVALID" in done.stderr, done.stderr
    assert "ran out of local ports: widen net.ipv4.ip_local_port_range" in done.stderr


@pytest.fixture
def quota(tmp_path):
    """quota(share) makes a cgroup that gets that share of a CPU; returns how to enter it."""
    made = []

    def make(share):
        for mount in CGROUPS:
            if not (mount / "cgroup.procs").exists():
                continue
            group = mount / f"cicada-test-{os.getpid()}"
            try:
                group.mkdir()
                made.append(group)
                if (group / "cpu.max").exists():
                    (group / "cpu.max").write_text(f"{int(share * 100_000)} 100000")
                else:
                    (group / "cpu.cfs_quota_us").write_text(str(int(share * 100_000)))
                return lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
            except OSError:
                continue
        pytest.skip("no cgroup with a CPU quota to be had")

    yield make
    for group in made:
        group.rmdir()


def test_a_cpu_quota_that_stops_the_generator_spoils_the_run(run, demo, quota):
    """A tenth of a CPU for what would take all of one."""
    done = run(demo.url, "-u", "20", "-t", "3s", "--only-summary", limits=quota(0.1))
    assert verdict(done) in ("SUSPECT", "INVALID"), done.told
    assert any("the CPU quota of the generator's cgroup stopped it in" in reason
               for reason in reasons(done)), done.told
