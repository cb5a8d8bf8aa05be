# SPDX-License-Identifier: Apache-2.0
"""What a run leaves behind: CSV and JSON files, tables, exit codes of bad arguments."""
import json
import subprocess

import pytest

from rig import PATIENCE, PROGRAM, SCENARIOS, expect_served, rows_of

PERCENTILES = ["50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%"]
COLUMNS = {
    "stats": ["Type", "Name", "Request Count", "Failure Count", "Median Response Time",
              "Average Response Time", "Min Response Time", "Max Response Time",
              "Average Content Size", "Requests/s", "Failures/s", *PERCENTILES],
    "stats_history": ["Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s",
                      *PERCENTILES, "Total Request Count", "Total Failure Count",
                      "Total Median Response Time", "Total Average Response Time",
                      "Total Min Response Time", "Total Max Response Time",
                      "Total Average Content Size"],
    "failures": ["Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"],
    "exceptions": ["Count", "Message", "Traceback", "Nodes"],
}


def test_csv_files_have_locusts_columns(load, demo, tmp_path):
    """Headers word by word, CRLF, and figures that add up to what the server saw."""
    done = load("shopper.cpp", "-u", "4", "-r", "100", "-t", "2s", "--csv", "deep/er/out")
    assert done.code == 0, done.told
    for name, columns in COLUMNS.items():
        text = (tmp_path / f"deep/er/out_{name}.csv").read_bytes().decode()
        assert text.split("\r\n")[0] == ",".join(columns)
        assert "\n" not in text.replace("\r\n", "")
    rows = rows_of(tmp_path / "deep/er/out_stats.csv")
    assert [row["Name"] for row in rows] == ["/", "/items/[id]", "/login", "/logout", "/profile",
                                            "Aggregated"]
    assert sum(int(row["Request Count"]) for row in rows[:-1]) == demo.total
    assert int(rows[-1]["Request Count"]) == demo.total
    assert 0 < float(rows[-1]["50%"]) < 1000


def test_the_full_history_has_rows_per_name(load, tmp_path):
    """--csv-full-history; without it only the total."""
    load("shopper.cpp", "-u", "2", "-r", "100", "-t", "3s", "--csv", "full", "--csv-full-history")
    load("shopper.cpp", "-u", "2", "-r", "100", "-t", "3s", "--csv", "short")
    names = {row["Name"] for row in rows_of(tmp_path / "full_stats_history.csv")}
    assert {"/", "/login", "Aggregated"} <= names
    assert {row["Name"] for row in rows_of(tmp_path / "short_stats_history.csv")} == {"Aggregated"}


def test_failures_are_listed(load, tmp_path):
    """One row per text, with how often."""
    load("behaviour.cpp", "-t", "500ms", "--csv", "out", environment={"BEHAVIOUR": "fail"})
    row, = rows_of(tmp_path / "out_failures.csv")
    assert (row["Method"], row["Name"]) == ("GET", "/status/503")
    assert int(row["Occurrences"]) > 1 and "503" in row["Error"]


def test_json_on_stdout_is_only_json(load, demo):
    """Tables and log go elsewhere, so that a script can read it."""
    done = load("shopper.cpp", "-u", "2", "-r", "100", "-t", "1s", "--json", "--only-summary")
    entries = json.loads(done.out[done.out.index("["):done.out.rindex("]") + 1])
    assert sum(entry["num_requests"] for entry in entries) == demo.total


def test_json_file_replaces_the_final_tables(run, demo, tmp_path):
    """The suffix is appended."""
    done = run(demo.url, "-t", "500ms", "--only-summary", "--json-file", "result")
    assert done.code == 0
    entry, of_run = json.loads((tmp_path / "result.json").read_text())
    assert entry["num_requests"] == demo.total
    assert of_run["run"]["verdict"] in ("VALID", "SUSPECT", "INVALID")
    assert "Response time percentiles" not in done.told


def test_the_log_can_go_to_a_file(run, demo, tmp_path):
    """Tables stay on the terminal."""
    done = run(demo.url, "-t", "500ms", "--logfile", "log.txt")
    assert "All users spawned" in (tmp_path / "log.txt").read_text()
    assert "All users spawned" not in done.told
    assert "Aggregated" in done.told


def test_the_log_level_hides_lines(run, demo):
    """-L WARNING."""
    assert "All users spawned" not in run(demo.url, "-t", "300ms", "-L", "warning").told


def test_files_that_cannot_be_written_cost_a_line_not_the_run(run, demo):
    """A folder that cannot be made."""
    done = run(demo.url, "-t", "1s", "--csv", "/dev/full/out")
    assert done.code == 0, done.told
    assert "/dev/full" in done.told
    expect_served(done, demo)


@pytest.mark.parametrize("full, arguments", [
    ("out_stats_history.csv", ["--csv", "out"]),
    ("log.txt", ["--logfile", "log.txt"]),
])
def test_a_full_disk_costs_a_line_not_the_run(run, demo, tmp_path, full, arguments):
    """Each file in turn stands on a disk without room; the others are whole."""
    (tmp_path / full).symlink_to("/dev/full")
    done = run(demo.url, "-t", "2s", *arguments)
    assert done.code == 0, done.told
    complaints = [line for line in done.told.splitlines() if "No space left on device" in line]
    assert len(complaints) == 1 and full in complaints[0], done.told
    expect_served(done, demo)
    if full.endswith(".csv"):
        assert int(rows_of(tmp_path / "out_stats.csv")[-1]["Request Count"]) == demo.total


def test_results_that_cannot_be_written_are_shown(run, demo, tmp_path):
    """The JSON file would stand for the final tables; without it they are printed."""
    (tmp_path / "taken.json").mkdir()
    done = run(demo.url, "-t", "500ms", "--json-file", "taken")
    assert done.code == 0 and "taken.json: Is a directory" in done.told, done.told
    assert "Response time percentiles" in done.told
    expect_served(done, demo)


def test_a_closed_pipe_costs_the_console_not_the_run(demo, tmp_path):
    """`cicada ... | head -1`: the files are whole and the exit code is the run's."""
    with subprocess.Popen([PROGRAM, demo.url, "-t", "2s", "--csv", "out"], cwd=tmp_path,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(PATIENCE) == 0
    assert int(rows_of(tmp_path / "out_stats.csv")[-1]["Request Count"]) == demo.total > 0


@pytest.mark.parametrize("arguments, told", [
    (["--uesrs", "5"], "unrecognized arguments: --uesrs 5\nDid you mean '--users'?"),
    (["-u", "-1"], "argument -u/--users: -1 is out of range, it has to be 0 to 10000000"),
    (["-r", "0"], "argument -r/--spawn-rate: 0 is out of range, it has to be finite and above 0"),
    (["-t", "1d"], "argument -t/--run-time: '1d' is not a time span"),
    (["--csv-full-history"], "argument --csv-full-history: it needs --csv PREFIX"),
])
def test_bad_arguments(run, arguments, told):
    """Exit code 2 and what is wrong, before anything is loaded."""
    done = run(*arguments)
    assert done.code == 2
    assert done.err.startswith(f"cicada: error: {told}")
    assert done.out == ""


def test_variables_of_locust_are_understood(run, demo):
    """An image made for Locust runs."""
    done = run("-f", SCENARIOS / "shopper.cpp", environment={
        "LOCUST_HEADLESS": "true", "LOCUST_HOST": demo.url, "LOCUST_USERS": "2",
        "LOCUST_SPAWN_RATE": "100", "LOCUST_RUN_TIME": "500ms"})
    assert done.code == 0, done.told
    assert "(2 total users)" in done.told
    expect_served(done, demo)


def test_help_version_and_list(run):
    """They start nothing and exit 0."""
    done = run("--help")
    assert done.code == 0 and "--spawn-rate RATE" in done.out
    assert run("-V").out.startswith("cicada ")
    done = run("-f", SCENARIOS / "shopper.cpp", "--list")
    assert (done.code, done.out) == (0, "Available Users:\n    Shopper\n")
