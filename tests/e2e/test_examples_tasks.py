# SPDX-License-Identifier: Apache-2.0
"""The examples about tasks, task sets, waits and fibers do what they say they do."""
import pytest

import rig

EXAMPLES = rig.ROOT / "examples"


@pytest.fixture
def example(run, demo, tmp_path):
    """example(name, arguments...) runs it against the demo shop; {name: requests} of the run."""
    def run_example(name, *arguments):
        demo.reset()
        done = run("-f", EXAMPLES / name / "cicadafile.cpp", "--headless", "-H", demo.url,
                   "--csv", "result", "--seed", "1", *arguments)
        rig.expect_served(done, demo)
        done.rows = {row["Name"]: int(row["Request Count"])
                     for row in rig.rows_of(tmp_path / "result_stats.csv")}
        return done
    return run_example


def test_basic(example, demo):
    done = example("basic", "-u", "5", "-r", "100", "-t", "2s")
    assert done.code == 0, done.told
    assert demo.requests("POST /login") == demo.requests("POST /logout") == 5
    assert done.rows["/"] > done.rows["/profile"] > 0


def test_nested_task_sets(example):
    """Every level is entered and left."""
    done = example("nested_task_sets", "-u", "10", "-r", "100", "-t", "3s")
    assert done.code == 0, done.told
    for name in ("/", "/items", "/items/[id]", "/picture"):
        assert done.rows[name] > 0, name
    assert done.rows["/items/[id]"] > done.rows["/items"]


def test_sequential_task_set(example, demo):
    """Two items in the cart, a look at it, then an order: none is without the others, but for the
    one that the end of the test cuts short."""
    done = example("sequential_task_set", "-u", "5", "-r", "100", "-t", "3s")
    assert done.code == 0, done.told
    added, seen, bought = (demo.requests(page)
                           for page in ("POST /cart", "GET /cart", "POST /checkout"))
    assert bought > 5
    assert bought <= seen <= bought + 5
    assert 2 * seen <= added <= 2 * seen + 10


def test_markov(example):
    """Along the transitions: a list after each home page, unless the test ended there."""
    done = example("markov", "-u", "10", "-r", "100", "-t", "3s")
    assert done.code == 0, done.told
    assert done.rows["/items/[id]"] > done.rows["/"] > 0
    assert done.rows["/items"] + 10 >= done.rows["/"]


def test_custom_wait(example):
    done = example("custom_wait", "-u", "9", "-r", "100", "-t", "3s", "--exit-code-on-error", "0")
    assert done.code == 0, done.told
    assert done.rows["/poll"] > 6 and done.rows["/"] > 40


def test_inherited_tasks(example, demo):
    """Both classes run the base's tasks, each in its own way."""
    done = example("inherited_tasks", "-u", "6", "-r", "100", "-t", "2s")
    assert done.code == 0, done.told
    assert demo.requests("POST /login") == demo.requests("POST /logout") == 6
    assert done.rows["adieu"] == 2
    for name in ("/", "/items/[id]", "/picture", "/checkout"):
        assert done.rows[name] > 0, name


def test_page_and_images(example):
    done = example("page_and_images", "-u", "5", "-r", "100", "-t", "3s")
    assert done.code == 0, done.told
    pages = done.rows["/"]
    assert pages > 5 and done.rows["/image"] > 2 * pages and done.rows["/news"] >= 10


def test_semaphore_wait(example, demo):
    """Four users come within a second, and none begins before the last."""
    done = example("semaphore_wait", "-u", "4", "-r", "4", "-t", "3s", "--trace-header", "X-Trace")
    assert done.code == 0, done.told
    assert "4 users are here" in done.told
    assert done.rows["arrive"] == 4 and done.rows["/"] > 8 and done.rows["report"] > 4
