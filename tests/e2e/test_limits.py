# SPDX-License-Identifier: Apache-2.0
"""Limits, counted by the server: exactly N, and the run ends by itself."""
import json
import re
import time

import pytest

import rig


def limited(load, which, *arguments):
    return load("limited.cpp", *arguments, environment={"LIMITED": which})


def names(program):
    """Requests by name, of the --json at the end."""
    entries = json.loads(program.out)
    return {entry["name"]: entry["num_requests"] for entry in entries if entry["num_requests"]}


def recorded(program):
    return sum(count for name, count in names(program).items() if name != "(run)")


@pytest.mark.parametrize("users,rate", [(1, 1), (7, 3), (50, 1000)])
def test_a_task_is_executed_exactly_so_often(load, demo, users, rate):
    """Whatever the number of users, with failures and exceptions; everybody ends, nobody waits."""
    done = limited(load, "orders", "-u", users, "-r", rate, "--json")
    assert done.code == 1, done.told  # some requests failed
    assert names(done)["/order/one"] == names(done)["/order/two"] == 500
    assert demo.requests("GET /items") <= 10 * users
    assert recorded(done) == demo.total
    assert "All limits are reached" in done.err or "All users have ended" in done.err
    assert "Orderer.order" in done.err and "500/500 executions: reached" in done.err
    rig.expect_complete_identities(demo, users=len(demo.seen()))


@pytest.mark.parametrize("users", [1, 8, 100])
def test_a_request_limit_is_exact_with_redirects_failures_and_fibers(load, demo, users):
    """A recorded request counts once, however often it went on the wire; none is cut off."""
    done = limited(load, "requests", "-u", users, "-r", "1000", "--json")
    assert recorded(done) == 1000, done.told
    assert done.aborted == 0
    counted = demo.count()["requests"]
    followed = demo.total - 1000
    assert done.exchanges == 1000 + followed
    assert counted["GET /slow"] + counted.get("GET /status/[n]", 0) + followed // 2 == 1000
    assert "1,000/1,000 requests: reached" in done.err


def test_iterations_of_the_whole_test(load, demo):
    """--iterations counts executions of all tasks, and ends the run."""
    done = limited(load, "orders", "-u", "20", "-r", "100", "--iterations", "123", "--json")
    counted = names(done)
    assert counted["/order/one"] + counted["/items"] == 123
    assert "123/123 iterations: reached" in done.err


def test_limits_of_a_task_set(load, demo):
    """Visits and all requests inside, hooks included, at most; one of the two is reached."""
    done = limited(load, "visits", "-u", "5", "-r", "100", "--json")
    counted = names(done)
    inside = counted["enter"] + counted.get("leave", 0) + counted["thread"]
    assert counted["enter"] <= 25 and inside <= 400
    assert counted["enter"] == 25 or inside == 400
    assert counted["/"] == 40
    assert done.code == 0, done.told


def test_a_user_that_ends_awaits_what_its_limit_has_counted(load, demo):
    """A fiber in a member is cancelled with its user, but not its request on the wire."""
    done = limited(load, "kept", "-u", "5", "-r", "100", "--json")
    assert names(done)["kept"] == 5, done.told
    assert done.aborted == 0
    assert "5/7 requests: 2 not used" in done.err


def test_lowering_the_number_of_users_cuts_no_counted_execution_off(start, demo):
    """Without any stop timeout: 30 users become 3 while all of them order."""
    program = start("-f", rig.SCENARIOS / "limited.cpp", "--autostart", "--autoquit", "0",
                    "--web-port", "0", "-H", demo.url, "-u", "30", "-r", "1000",
                    "--trace-header", "X-Trace", environment={"LIMITED": "slow"})
    page = program.wait_for(r"web interface at (http://\S+?)/?\s")[1]
    rig.wait_until(lambda: demo.total >= 30, "all users to order")
    status, text = rig.get(page + "/swarm", user_count="3", spawn_rate="1000")
    assert status == 200, text
    assert program.wait() == 0, program.told
    seen = demo.count()["requests"]
    assert seen["GET /slow"] == 120
    assert program.aborted == 0
    rig.expect_served(program, demo)
    assert "60/60 executions: reached" in program.err


def test_a_stopped_test_says_how_far_it_came(load, demo):
    """Never more than the limit, and what was begun is what the server saw."""
    for run_time in ("100ms", "400ms", "1500ms"):
        done = limited(load, "slow", "-u", "10", "-r", "1000", "-t", run_time)
        begun = int(re.search(r"(\d+)/60 executions", done.err)[1])
        assert begun <= 60
        assert demo.requests("GET /slow") <= 2 * begun
        rig.expect_served(done, demo)


def test_the_example_orders_exactly_a_thousand_times(run, demo):
    """examples/limits, as its first lines say."""
    done = run("-f", rig.ROOT / "examples" / "limits", "-H", demo.url, "-u", "50", "-r", "50",
               "--headless")
    assert done.code == 0, done.told
    assert demo.requests("POST /checkout") == 1000
    assert demo.requests("POST /login") == demo.requests("POST /logout")
    assert "1,000/1,000 executions: reached" in done.err
    rig.expect_served(done, demo)


def test_limits_that_make_no_sense_are_refused(run):
    """One line that names the option, the value and the limit."""
    done = run("http://127.0.0.1:1/", "--iterations", "0")
    assert done.code == 2
    assert "--iterations" in done.err and "0" in done.err
