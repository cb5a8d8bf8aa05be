# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests are made with: the program, the demo shop, and what they report."""
import collections
import csv
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("CICADA_PROGRAM", ROOT / "build" / "bin" / "cicada"))
SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"
PATIENCE = 60  # seconds, for anything that should end by itself


def get(url, **form):
    """(status, text) of a GET, or of a POST if there are form fields."""
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.urlopen(url, data, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def get_json(url, **form):
    status, text = get(url, **form)
    assert status == 200, text
    return json.loads(text)


def wait_until(holds, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {patience} s for {what}")


class Program:
    """The program (or another), running; its output is collected as it comes."""

    def __init__(self, *arguments, folder, environment=None, limits=None, program=PROGRAM):
        self.process = subprocess.Popen(
            [str(program), *map(str, arguments)], cwd=folder, text=True, errors="replace",
            env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limits)
        self.started = time.monotonic()
        self.lines = {"out": [], "err": []}
        self.readers = [self._reader("out", self.process.stdout),
                        self._reader("err", self.process.stderr)]

    def _reader(self, name, pipe):
        def read():
            for line in pipe:
                self.lines[name].append(line)
        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    @property
    def out(self):
        return "".join(self.lines["out"])

    @property
    def err(self):
        return "".join(self.lines["err"])

    @property
    def told(self):
        return self.out + self.err

    def wait_for(self, pattern, patience=PATIENCE):
        """The match of `pattern` in the output, once it is there."""
        def found():
            match = re.search(pattern, self.told)
            if not match and self.process.poll() is not None:
                time.sleep(0.2)
                match = re.search(pattern, self.told)
                assert match, f"ended with {self.process.returncode}: {self.told}"
            return match
        return wait_until(found, f"{pattern} in {self.told}", patience)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=PATIENCE):
        """The exit code."""
        code = self.process.wait(patience)
        self.seconds = time.monotonic() - self.started
        for reader in self.readers:
            reader.join(patience)
        return code

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.wait()

    # What its final report says.

    @property
    def exchanges(self):
        return int(self._figure(r"([\d,]+) exchanges? on the wire"))

    @property
    def aborted(self):
        return int(self._figure(r"([\d,]+) aborted"))

    def _figure(self, pattern):
        found = re.findall(pattern, self.told)
        assert found, f"no {pattern} in {self.told}"
        return found[-1].replace(",", "")


class Demo:
    """The demo shop, and what it has seen."""

    def __init__(self, folder, *arguments):
        self.program = Program("demo-server", "--port", "0", "--trace-header", "X-Trace",
                               *arguments, folder=folder)
        self.url = self.program.wait_for(r"demo shop on (http://\S+)")[1]

    def count(self):
        return get_json(self.url + "/count")

    @property
    def total(self):
        return self.count()["total"]

    def requests(self, page):
        return self.count()["requests"].get(page, 0)

    def seen(self):
        """{user: [sequence numbers in order]} of all identities; each is there once."""
        identities = get(self.url + "/seen")[1].split()
        assert len(set(identities)) == len(identities)
        users = collections.defaultdict(list)
        for identity in identities:
            _, user, _, sequence = identity.rsplit(".", 3)
            users[int(user)].append(int(sequence))
        return {user: sorted(numbers) for user, numbers in users.items()}

    def reset(self):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.url).netloc, timeout=10)
        connection.request("POST", "/reset")
        assert connection.getresponse().status == 200
        connection.close()

    def end(self):
        self.program.signal(signal.SIGTERM)
        try:
            self.program.wait(10)
        finally:
            self.program.end()


def expect_served(run, demo):
    """The law of every run: what we say went on the wire is what the server saw."""
    assert run.exchanges == demo.total, run.told


FIRST_GUEST = 10 ** 12  # users of an open model are numbered from here


def expect_complete_identities(demo, users, first=0):
    """Users `first`, `first` + 1, ... each sent 0, 1, ... without a gap."""
    seen = demo.seen()
    assert sorted(seen) == list(range(first, first + users))
    for user, numbers in seen.items():
        assert numbers == list(range(len(numbers))), f"user {user}"


def rows_of(file):
    """The rows of a CSV file as dictionaries; all of them are complete."""
    with open(file, newline="") as text:
        table = list(csv.reader(text))
    header, rows = table[0], table[1:]
    for row in rows:
        assert len(row) == len(header), row
    return [dict(zip(header, row)) for row in rows]
