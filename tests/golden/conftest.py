# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("CICADA_PROGRAM", ROOT / "build" / "bin" / "cicada"))


class Loader:
    """Starts the program with a test file, which it loads, compiling it if it has to."""

    def __init__(self, cache):
        self.cache = cache
        self.include = PROGRAM.parent.parent / "include"

    def environment(self, **more):
        return {**os.environ, "CICADA_CACHE": str(self.cache), **more}

    def command(self, *items):
        return [str(PROGRAM), "-f", ",".join(str(item) for item in items), "--headless",
                "--list"]

    def start(self, *items, folder, **environment):
        return subprocess.Popen(self.command(*items), cwd=folder, text=True,
                                env=self.environment(**environment),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def load(self, *items, folder, **environment):
        """(exit code, stdout, stderr)"""
        process = self.start(*items, folder=folder, **environment)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


@pytest.fixture
def loader(tmp_path):
    return Loader(tmp_path / "cache")


@pytest.fixture
def counting_compiler(tmp_path):
    """A $CXX that compiles as c++ does, and writes a line into `runs` for each compilation."""
    script = tmp_path / "counting-c++"
    runs = tmp_path / "runs"
    script.write_text('#!/bin/sh\ncase " $* " in *" -c "*) echo run >> "%s" ;; esac\n'
                      'exec c++ "$@"\n' % runs)
    script.chmod(0o755)
    runs.write_text("")
    return script, lambda: runs.read_text().count("run")
