# SPDX-License-Identifier: Apache-2.0
"""What tests of many nodes share with those of one, and the other makes of node they meet."""
import fcntl
import os
import pathlib
import subprocess
import sys

import pytest

E2E = pathlib.Path(__file__).resolve().parents[1] / "e2e"
sys.path.insert(0, str(E2E))
# python3-zmq and python3-msgpack of Debian, also for another Python of the same version.
sys.path.append("/usr/lib/python3/dist-packages")

from fixtures import cache, demo, run, shop_for_all, start  # noqa: E402,F401  (fixtures)

LOCUST = "2.47.0"


@pytest.fixture(scope="session")
def locust():
    """The program of a real Locust, in an environment of its own that is kept between runs."""
    home = pathlib.Path(os.environ.get("CICADA_TEST_CACHE",
                                       pathlib.Path.home() / ".cache" / "cicada-tests"))
    folder = home / f"locust-{LOCUST}"
    program = folder / "bin" / "locust"
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes may run tests
        if not program.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            subprocess.run([folder / "bin" / "pip", "install", "--quiet", f"locust=={LOCUST}"],
                           check=True)
    return program
