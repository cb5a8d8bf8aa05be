# SPDX-License-Identifier: Apache-2.0
import pytest

import rig
from fixtures import cache, demo, run, shop_for_all, start  # noqa: F401  (fixtures)


@pytest.fixture
def load(run, demo):
    """load(scenario, arguments...) runs a headless test against the demo shop, and checks the law
    of every run."""
    def load_one(scenario, *arguments, **settings):
        demo.reset()
        program = run("-f", rig.SCENARIOS / scenario, "--headless", "-H", demo.url,
                      "--trace-header", "X-Trace", *arguments, **settings)
        if "exchanges on the wire" in program.told:
            rig.expect_served(program, demo)
        return program
    return load_one
