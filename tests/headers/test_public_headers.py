# SPDX-License-Identifier: Apache-2.0
"""The public headers: each compiles alone, without a warning; together they stay light."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"
STAMPED = ROOT / "build" / "include"  # has version.hpp, which the build writes
HEADERS = sorted(str(file.relative_to(INCLUDE)) for file in INCLUDE.rglob("*.hpp"))

# Preprocessed, `#include <cicada/cicada.hpp>` has no more lines than this, whatever the machine.
MOST_LINES = 60_000

STD_HEADERS = {
    "chrono", "cstdint", "functional", "memory", "optional", "string", "string_view", "vector",
    "compare", "concepts", "cstddef", "initializer_list", "source_location", "stdexcept",
    "type_traits", "typeinfo", "utility", "new", "limits", "iosfwd",
}
HANDS_OUT_FOREIGN_TYPES = {"cicada/json.hpp": {"nlohmann/json.hpp"}}


def compiler(*arguments, source):
    return subprocess.run(["c++", "-std=c++20", f"-I{INCLUDE}", f"-I{STAMPED}", *arguments,
                           "-x", "c++", "-"], input=source, text=True, capture_output=True)


@pytest.mark.parametrize("header", HEADERS)
def test_compiles_alone(header):
    done = compiler("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Werror",
                    "-fsyntax-only", source=f"#include <{header}>\n#include <{header}>\n")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("header", HEADERS)
def test_includes_only_light_headers(header):
    allowed = STD_HEADERS | HANDS_OUT_FOREIGN_TYPES.get(header, set())
    for name in re.findall(r'^#include [<"](.*)[>"]', (INCLUDE / header).read_text(), re.M):
        assert name in allowed or name.startswith("cicada/"), f"{header} includes {name}"


def test_all_but_the_foreign_are_in_cicada_hpp():
    whole = (INCLUDE / "cicada" / "cicada.hpp").read_text()
    for header in HEADERS:
        if "/detail/" in header or header == "cicada/cicada.hpp":
            continue
        included = f'#include "{header}"' in whole
        assert included == (header not in HANDS_OUT_FOREIGN_TYPES), header


def test_stays_light():
    done = compiler("-E", "-P", source="#include <cicada/cicada.hpp>\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") <= MOST_LINES
