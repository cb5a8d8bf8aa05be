# SPDX-License-Identifier: Apache-2.0
"""The page and its API: Locust's paths and keys."""
import http.client
import json
import re
import signal
import socket
import urllib.parse
import urllib.request

import pytest

from rig import SCENARIOS, expect_served, get, get_json, wait_until


@pytest.fixture
def page(start, demo):
    """page(arguments...) starts the program with its page; .url is where it is."""
    def start_page(*arguments):
        program = start("-f", SCENARIOS / "shopper.cpp", "--web-port", "0", "-H", demo.url,
                        "--trace-header", "X-Trace", *arguments)
        program.url = program.wait_for(r"Starting web interface at (http://\S+)")[1]
        return program
    return start_page


def state(page):
    return get_json(page.url + "/health")["state"]


def test_the_flow_of_a_test_by_hand(page, demo):
    """Start, look, change, stop, start again, end by a signal."""
    program = page()
    assert state(program) == "ready"
    assert demo.total == 0
    answer = get_json(program.url + "/swarm", user_count=4, spawn_rate=100)
    assert answer == {"success": True, "message": "Swarming started", "host": demo.url}
    wait_until(lambda: state(program) == "running", "running")
    wait_until(lambda: get_json(program.url + "/stats/requests")["user_count"] == 4, "4 users")
    get_json(program.url + "/swarm", user_count=2, spawn_rate=100)
    wait_until(lambda: get_json(program.url + "/stats/requests")["user_count"] == 2, "2 users")
    assert get_json(program.url + "/stop") == {"success": True, "message": "Test stopped"}
    assert state(program) == "stopped"
    last = get_json(program.url + "/stats/requests")["stats"][-1]
    assert last["num_requests"] == demo.total
    get_json(program.url + "/swarm", user_count=1, spawn_rate=1)
    wait_until(lambda: state(program) == "running", "running again")
    program.signal(signal.SIGTERM)
    assert program.wait() == 0, program.told


def test_statistics_have_locusts_keys(page, demo):
    """Whoever reads a Locust reads us."""
    program = page()
    get_json(program.url + "/swarm", user_count=2, spawn_rate=100)
    wait_until(lambda: demo.total > 30, "load")
    get_json(program.url + "/stop")
    found = get_json(program.url + "/stats/requests")
    assert {"state", "user_count", "current_rps", "current_fail_per_sec", "total_rps",
            "total_fail_per_sec", "fail_ratio", "current_response_time_percentiles", "stats",
            "errors"} <= set(found)
    assert set(found["current_response_time_percentiles"]) == {"response_time_percentile_0.5",
                                                               "response_time_percentile_0.95"}
    entry = found["stats"][0]
    assert {"method", "name", "num_requests", "num_failures", "min_response_time",
            "max_response_time", "current_rps", "current_fail_per_sec", "avg_response_time",
            "median_response_time", "total_rps", "total_fail_per_sec",
            "response_time_percentile_0.95", "response_time_percentile_0.99",
            "avg_content_length"} <= set(entry)
    assert [(row["name"], row["method"]) for row in found["stats"]] == [
        ("/", "GET"), ("/items/[id]", "GET"), ("/login", "POST"), ("/logout", "POST"),
        ("/profile", "GET"), ("Aggregated", "")]
    assert 0 < entry["median_response_time"] < 1000
    assert get_json(program.url + "/exceptions") == {"exceptions": []}


def test_reset_zeroes_the_statistics(page, demo):
    """The rows stay."""
    program = page()
    get_json(program.url + "/swarm", user_count=2, spawn_rate=100)
    wait_until(lambda: demo.total > 30, "load")
    get_json(program.url + "/stop", any="form")
    assert get(program.url + "/stats/reset") == (200, "ok")
    assert get_json(program.url + "/stats/requests")["stats"][-1]["num_requests"] == 0


@pytest.mark.parametrize("form, message", [
    ({"user_count": 1}, "Missing user_count or spawn_rate from /swarm request"),
    ({"user_count": 1, "spawn_rate": 0}, "Missing user_count or spawn_rate from /swarm request"),
    ({"user_count": 1, "spawn_rate": 1, "run_time": "1d"}, "Valid run_time formats are : "),
    ({"user_count": "x", "spawn_rate": 1}, "user_count is no number: x"),
    ({"user_count": -3, "spawn_rate": 1}, "the number of users is -3, but has to be 0 to 10000000"),
    ({"user_count": 1, "spawn_rate": -1}, "the spawn rate is -1, but has to be above 0"),
])
def test_a_form_that_makes_no_sense_is_refused(page, form, message):
    """With Locust's words where it has some; nothing starts."""
    program = page()
    answer = get_json(program.url + "/swarm", **form)
    assert answer["success"] is False
    assert answer["message"].startswith(message)
    assert state(program) == "ready"


def test_the_run_time_of_the_form_ends_the_test(page, demo):
    """The program goes on."""
    program = page()
    answer = get_json(program.url + "/swarm", user_count=1, spawn_rate=1, run_time="1s")
    assert answer["run_time"] == 1
    wait_until(lambda: state(program) == "stopped", "the end")
    assert program.process.poll() is None


def test_autostart_and_autoquit(page, demo):
    """The test starts at once; the page lives a little longer than it."""
    program = page("--autostart", "-u", "2", "-r", "100", "-t", "1s", "--autoquit", "1")
    wait_until(lambda: state(program) == "stopped", "the end of the test")
    assert program.wait() == 0
    assert program.seconds > 2
    expect_served(program, demo)


def test_a_taken_port_is_one_line(run, demo):
    """Exit code 1, and no load."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("-f", SCENARIOS / "shopper.cpp", "--web-port", port, "-H", demo.url)
    assert done.code == 1
    assert done.err.count("\n") == 1 and f"127.0.0.1:{port}" in done.err, done.told


def test_names_from_outside_are_text(page, demo):
    """The page is one document without foreign assets; what it starts with cannot break out."""
    program = page("-u", "7", "-t", "1h")
    status, text = get(program.url + "/")
    assert status == 200
    assert '"user_count":7' in text and '"run_time":"1h"' in text
    assert not re.search(r"(src|href)=", text)
    assert "innerHTML" not in text
    answer = get_json(program.url + "/swarm", user_count=0, spawn_rate=1,
                      host="http://<script>alert(1)</script>")
    assert answer["host"] == "http://scriptalert(1)/script"


def test_another_sites_page_cannot_start_a_test(page):
    """A browser says where a request comes from."""
    program = page()
    request = urllib.request.Request(program.url + "/swarm", b"user_count=1&spawn_rate=1",
                                     {"Sec-Fetch-Site": "cross-site"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403
    assert state(program) == "ready"


def test_a_multipart_form_is_understood(page):
    """As FormData of a page sends it."""
    program = page()
    body = ('--x\r\nContent-Disposition: form-data; name="user_count"\r\n\r\n1\r\n'
            '--x\r\nContent-Disposition: form-data; name="spawn_rate"\r\n\r\n1\r\n--x--\r\n')
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(program.url).netloc, timeout=10)
    connection.request("POST", "/swarm", body, {"Content-Type": "multipart/form-data; boundary=x"})
    assert json.loads(connection.getresponse().read())["success"] is True
    connection.close()


def test_sigterm_ends_an_idle_page(page):
    """No test has run: exit code 0."""
    program = page()
    program.signal(signal.SIGTERM)
    assert program.wait() == 0, program.told
