# SPDX-License-Identifier: Apache-2.0
"""Who decides how many users there are: stages, shapes, arrivals, keys."""
import os
import pty
import re
import subprocess
import threading
import time

import pytest

import rig


def waves(load, kind, *arguments):
    return load("waves.cpp", *arguments, environment={"WAVES": kind})


def test_stages_run_and_end_by_themselves(load, demo):
    """Three stages: nine users came, all left, the test ended; -u changes nothing and says so."""
    done = waves(load, "stages", "-u", "500", "-r", "500")
    assert done.code == 0, done.told
    assert demo.requests("GET /") == 9
    assert "Stage 3 of 3" in done.told and "The last stage is over" in done.told
    assert "the test follows its stages(): -u and -r change nothing" in done.told
    assert 2.0 <= done.seconds < 8


def test_a_load_shape_runs_and_ends_by_itself(load, demo):
    """tick() at 0, 1 and 2 s: four users, nine, the end."""
    done = waves(load, "shape")
    assert done.code == 0, done.told
    assert demo.requests("GET /") == 9
    assert "The load shape Waves is over, stopping the test" in done.told


def test_a_shape_that_goes_wrong_is_one_line(load, demo):
    """The test is given up, exit code 1, and what was measured is reported."""
    done = waves(load, "wrong")
    assert done.code == 1
    assert ("the test is given up: load shape Waves: the spawn rate is 0, but has to be above 0"
            in done.told)
    assert demo.requests("GET /") == 4
    assert done.exchanges > 20


def buy(load, kind, *arguments):
    return load("buyers.cpp", *arguments, environment={"BUYERS": kind})


def test_arrivals_are_exact(load, demo):
    """500 arrivals, no more and no fewer; each pooled user logs in and out once; then the end."""
    done = buy(load, "")
    assert done.code == 0, done.told
    assert demo.requests("GET /items") == 500
    assert demo.requests("GET /") == demo.requests("GET /echo") <= 50
    assert "Buyer: 500 arrivals planned = 500 begun + 0 dropped + 0 waiting" in done.told
    assert "execution from plan" in done.told and "first request from plan" in done.told


def test_fresh_arrivals_are_users_of_their_own(load, demo):
    """500 users with one order each."""
    done = buy(load, "fresh")
    assert done.code == 0, done.told
    assert demo.requests("GET /items") == demo.requests("GET /") == demo.requests("GET /echo") == 500
    rig.expect_complete_identities(demo, users=500, first=rig.FIRST_GUEST)


def test_what_finds_no_user_is_dropped_and_counted(load, demo):
    """50 per second of 0.4 s each for five users: some 12 per second get through."""
    done = buy(load, "slow", "-t", "2s", "-s", "2s")
    found = re.search(r"Buyer: (\d+) arrivals planned = (\d+) begun \+ (\d+) dropped \+ 0 waiting",
                      done.told)
    planned, begun, dropped = map(int, found.groups())
    assert 98 <= planned <= 105
    assert 20 <= begun <= 30
    assert planned == begun + dropped
    assert demo.requests("GET /slow") == begun


class Typed:
    """The program with a terminal as its stdin."""

    def __init__(self, *arguments, folder, cache):
        self.keys, terminal = pty.openpty()
        self.before = subprocess.run(["stty", "-a"], stdin=terminal, capture_output=True).stdout
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        self.process = subprocess.Popen(
            [str(rig.PROGRAM), *map(str, arguments)], cwd=folder, text=True, stdin=terminal,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**environment, "CICADA_CACHE": str(cache)},
            preexec_fn=lambda: self._own_terminal(terminal))
        self.terminal = terminal
        self.told = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    @staticmethod
    def _own_terminal(terminal):
        os.setsid()
        import fcntl
        import termios
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    def _read(self):
        for line in self.process.stdout:
            self.told += line

    def press(self, keys):
        os.write(self.keys, keys.encode())

    def wait_for(self, text):
        rig.wait_until(lambda: text in self.told, f"{text} in {self.told}", patience=20)

    def mode(self):
        return subprocess.run(["stty", "-a"], stdin=self.terminal, capture_output=True).stdout

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(10)
        os.close(self.keys)
        os.close(self.terminal)


@pytest.fixture
def typed(tmp_path, cache, demo):
    running = []

    def start(*arguments):
        running.append(Typed(demo.url + "/items", "--only-summary", *arguments, folder=tmp_path,
                             cache=cache))
        return running[-1]
    yield start
    for program in running:
        program.end()


def test_keys_change_the_number_of_users(typed):
    """w, W, s, S as in Locust; the terminal is as before afterwards."""
    program = typed("-u", "2", "-t", "30s")
    program.wait_for('All users spawned: {"UrlUser": 2} (2 total users)')
    assert program.mode() != program.before
    for key, users in (("w", 3), ("W", 13), ("s", 12), ("S", 2)):
        program.press(key)
        program.wait_for(f"Ramping to {users} users at a rate of 100.00 per second")
        time.sleep(0.2)
    os.kill(program.process.pid, 15)
    assert program.process.wait(20) == 0
    assert program.mode() == program.before


def test_p_pauses(typed, demo):
    """Nothing is sent while the test is paused, and the run time stands still."""
    program = typed("-u", "2", "-t", "2s")
    started = time.monotonic()
    program.wait_for("All users spawned")
    program.press("p")
    program.wait_for("The test is paused")
    time.sleep(0.3)
    before = demo.total
    time.sleep(1.5)
    assert demo.total == before > 0
    program.press("p")
    program.wait_for("The test goes on")
    assert program.process.wait(20) == 0
    assert time.monotonic() - started > 3.5
    assert demo.total > before


def test_enter_says_where_the_page_is(typed):
    """There is no display here that it could be opened on."""
    program = typed("--autostart", "--web-port", "0")
    program.wait_for("Random choices repeat with --seed")  # the terminal has been taken over
    program.press("\n")
    program.wait_for("The page is at http://127.0.0.1:")
    program.wait_for(" (there is no display)")
    os.kill(program.process.pid, 15)
    assert program.process.wait(20) == 0


def test_a_signal_that_ends_at_once_gives_the_terminal_back(typed):
    """Two signals: no last words, but a usable terminal."""
    program = typed("-u", "1")
    program.wait_for("All users spawned")
    os.kill(program.process.pid, 15)
    os.kill(program.process.pid, 15)
    program.process.wait(20)
    assert program.mode() == program.before


EXAMPLES = rig.ROOT / "examples"


@pytest.mark.parametrize("example, arguments, told", [
    ("stages.cpp", [], "The last stage is over"),
    ("step_load.cpp", ["-u", "8"], "The load shape StepLoad is over"),
    ("double_wave.cpp", [], "The load shape DoubleWave is over"),
    ("arrivals.cpp", ["-u", "2", "-t", "4s"], "Arrivals: "),
])
def test_examples_run(load, demo, example, arguments, told):
    """Each example does what it says, and fails nothing."""
    done = load(EXAMPLES / example, *arguments)
    assert done.code == 0, done.told
    assert told in done.told
    assert demo.total > 20


def test_a_dry_run_runs_nothing(run, demo):
    """Users and arrivals over time, in a moment, and nobody is asked for anything."""
    done = run("-f", EXAMPLES / "stages.cpp", "-H", demo.url, "--dry-run")
    assert done.code == 0, done.told
    assert "End:       after 9s" in done.out and "Users:     at most 30, from 3s on" in done.out
    assert "stage 4 of 4" in done.out
    done = run("-f", EXAMPLES / "arrivals.cpp", "-H", demo.url, "--dry-run", "-u", "5", "-t", "100h")
    assert done.code == 0, done.told
    assert "End:       after 100h" in done.out
    assert re.search(r"Arrivals:  Buyer: 1[78],\d{3},\d{3} in 100h, up to 50.0 per second", done.out)
    assert demo.total == 0


def test_a_dry_run_finds_a_shape_that_goes_wrong(run, demo):
    done = run("-f", rig.SCENARIOS / "waves.cpp", "-H", demo.url, "--dry-run",
               environment={"WAVES": "wrong"})
    assert done.code == 1
    assert ("Given up:  after 1s: load shape Waves: the spawn rate is 0, but has to be above 0"
            in done.out)
