# SPDX-License-Identifier: Apache-2.0
"""Task sets under load: nothing that is sent at any level is lost, however users end; each on_start
has its on_stop; tags choose."""
import rig


def requests(folder):
    return {row["Name"]: int(row["Request Count"])
            for row in rig.rows_of(folder / "result_stats.csv")}


def test_all_levels_are_counted_and_left(load, demo, tmp_path):
    """With time to finish, each level that was entered has been left, by its on_stop."""
    done = load("levels.cpp", "-u", "40", "-r", "200", "-t", "3s", "-s", "5s", "--csv", "result",
                "--exit-code-on-error", "0")
    assert done.code == 0, done.told
    rig.expect_complete_identities(demo, 40)
    seen = requests(tmp_path)
    assert seen["user.on_start"] == seen["user.on_stop"] == 40
    assert seen["outer.on_start"] == seen["outer.on_stop"] > 40
    assert seen["inner.on_start"] == seen["inner.on_stop"] > 40
    assert seen["outer"] == seen["picture"]


def test_users_that_are_cut_off(load, demo, tmp_path):
    """Without time to finish: on_stop runs at each level that was really entered."""
    done = load("levels.cpp", "-u", "40", "-r", "200", "-t", "2s", "--csv", "result",
                "--exit-code-on-error", "0")
    assert done.code == 0, done.told
    seen = requests(tmp_path)
    assert seen["user.on_stop"] == 40
    for level in ("outer", "inner"):
        assert 0 <= seen[f"{level}.on_start"] - seen[f"{level}.on_stop"] <= 40


def test_tags(load, run, tmp_path):
    def names(*tags):
        done = load("levels.cpp", "-u", "4", "-r", "100", "-t", "1s", "--csv", "result",
                    "--exit-code-on-error", "0", *tags)
        assert done.code == 0, done.told
        return set(requests(tmp_path)) - {"user.on_start", "user.on_stop", "Aggregated"}

    assert names("--tags", "plain") == {"/"}
    inside = names("--exclude-tags", "plain", "inner")
    assert "outer" in inside and not {"/", "inner"} & inside
    assert "outer" not in names("--tags", "inner")

    done = run("-f", rig.SCENARIOS / "levels.cpp", "--headless", "-H", "http://127.0.0.1:1",
               "--tags", "none")
    assert done.code == 1
    assert done.err.splitlines() == ["user class Visitor has no task left with --tags none"]
