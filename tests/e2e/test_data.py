# SPDX-License-Identifier: Apache-2.0
"""Data for the users, listeners that block, messages: the parts of a run that the test brings along."""
import re


def write_rows(folder, count, text="x"):
    file = folder / "rows.csv"
    file.write_text("id,text\n" + "".join(f'{row},"{text}"\n' for row in range(count)))
    return str(file)


def listen(load, way, *arguments):
    return load("listeners.cpp", *arguments, environment={"LISTENERS": way})


def test_each_unique_row_is_used_once(load, demo, tmp_path):
    """Whoever finds none left ends, with on_stop; then the run is complete."""
    rows = write_rows(tmp_path, 300, text="two\nlines, and a \"\"quote\"\"")
    done = load("feeders.cpp", "-u", "20", "-r", "100", environment={"ROWS": rows})
    assert done.code == 0, done.told
    assert "rows used: 300, at most 1 times" in done.told
    assert "each of the 300 rows has been used, who asks for another ends" in done.told
    assert demo.requests("GET /echo") == 300
    assert demo.requests("GET /") == 20
    assert "All users have ended" in done.told


def test_the_end_of_the_data_may_be_the_end_of_the_run(load, demo, tmp_path):
    """AtEnd::StopRun: whoever still runs is stopped gracefully."""
    rows = write_rows(tmp_path, 50)
    done = load("feeders.cpp", "-u", "4", "-r", "100",
                environment={"ROWS": rows, "AT_END": "stop_run"})
    assert done.code == 0, done.told
    assert "each of the 50 rows has been used, stopping the test" in done.told
    assert demo.requests("GET /echo") == 50
    assert demo.requests("GET /") == 4


def test_a_mistake_in_the_data_is_found_before_the_load(load, demo, tmp_path):
    """File and line, exit code 1, and not one request."""
    rows = write_rows(tmp_path, 1000)
    with open(rows, "a") as file:
        file.write("1000,too,many\n")
    done = load("feeders.cpp", "-u", "4", "-t", "5s", environment={"ROWS": rows})
    assert done.code == 1
    shown = re.escape(str(rows))
    assert re.search(rf"the test is given up: \S+/feeders.cpp:\d+: {shown}:1002: 3 values for 2 "
                     "columns: id, text", done.told), done.told
    assert demo.total == 0

    done = load("feeders.cpp", "-u", "4", "-t", "5s", environment={"ROWS": "/nowhere/rows.csv"})
    assert done.code == 1
    assert re.search(r"feeders.cpp:\d+: cannot read /nowhere/rows.csv: No such file or directory",
                     done.told), done.told
    assert demo.total == 0


def test_the_run_time_begins_when_the_listeners_have_returned(load, demo):
    """test_start may take its time; what was asked for is still run."""
    done = listen(load, "start_is_slow", "-t", "1s")
    assert done.code == 0, done.told
    assert done.seconds > 2.4
    assert demo.total > 20


def test_listeners_that_never_return_are_cut_off(load, demo):
    """Those of test_start give the test up, those of init the program; a run ends anyhow."""
    limit = ("--listener-timeout", "700ms")
    late = "the listeners of {} have not returned within 700ms (--listener-timeout)"
    done = listen(load, "start_hangs", "-t", "5s", *limit)
    assert done.code == 1
    assert "the test is given up: " + late.format("test_start") in done.told
    assert demo.total == 0

    done = listen(load, "init_hangs", "-t", "5s", *limit)
    assert done.code == 1
    assert late.format("init") in done.told
    assert "Ramping" not in done.told

    done = listen(load, "quitting_hangs", "-t", "300ms", *limit)
    assert done.code == 2
    assert late.format("quitting") in done.told
    assert done.seconds < 10


def test_what_runs_in_the_background_ends_with_the_test(load):
    """After the last user; messages arrive in order, from this very node."""
    done = listen(load, "background", "-u", "3", "-r", "100", "-t", "1s")
    assert done.code == 0, done.told
    rounds = [int(number) for number in re.findall(r"round (\d+) from local", done.told)]
    assert rounds == list(range(1, len(rounds) + 1))
    assert 5 <= len(rounds) <= 11
    assert done.told.index("stopped with 0 users") > done.told.index(f"round {rounds[-1]} from")


def test_what_throws_in_the_background_decides_the_exit_code(load):
    done = listen(load, "background_throws", "-t", "300ms")
    assert done.code == 2
    assert "runner().background() threw std::runtime_error: no database" in done.told
