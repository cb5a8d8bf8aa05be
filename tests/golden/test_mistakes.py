# SPDX-License-Identifier: Apache-2.0
"""What the author of a test is told about typical mistakes: mistakes/NAME.cpp and, beside it, what
the program prints, NAME.txt. With GOLDEN_UPDATE=1 they are written anew; then read the diff."""
import os
import pathlib

import pytest

MISTAKES = pathlib.Path(__file__).resolve().parent / "mistakes"
MOST_LINES = 5


@pytest.mark.parametrize("name", sorted(file.stem for file in MISTAKES.glob("*.cpp")))
def test_mistake(name, loader):
    code, _, told = loader.load(f"{name}.cpp", folder=MISTAKES)
    golden = MISTAKES / f"{name}.txt"
    if os.environ.get("GOLDEN_UPDATE"):
        golden.write_text(told)
    assert told == golden.read_text()
    assert code == 1
    assert len(told.splitlines()) <= MOST_LINES
    assert ": error: " in told.splitlines()[0]


def test_there_are_enough_of_them():
    assert len(list(MISTAKES.glob("*.txt"))) >= 15
