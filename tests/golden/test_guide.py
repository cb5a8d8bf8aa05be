# SPDX-License-Identifier: Apache-2.0
"""Every piece of C++ in the README and the guide compiles. ```cpp is a whole test file, which the
program loads; ```cpp in-task are statements of a task; ```cpp program is a program of its own."""
import re
import subprocess

import pytest

from conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```cpp *([a-z-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
AROUND_TASKS = """#include <cicada/cicada.hpp>
using namespace cicada;
class Reader : public HttpUser {{
public:
{tasks}}};
static const auto readers = users<Reader>(){chain};
"""


def blocks(kind):
    """(page, line, text) of each block of that kind."""
    for page in PAGES:
        text = page.read_text()
        for found in BLOCK.finditer(text):
            if found[1] == kind:
                yield page, text.count("\n", 0, found.start()) + 2, found[2]


def named(kind):
    return [pytest.param(text, id=f"{page.name}:{line}") for page, line, text in blocks(kind)]


def load(loader, folder, text):
    (folder / "quoted.cpp").write_text(text)
    for name in re.findall(r'asset\("([^"]+)"\)', text):
        (folder / name).touch()
    code, listed, told = loader.load("quoted.cpp", folder=folder)
    assert (code, told) == (0, ""), told
    assert "Available Users" in listed


@pytest.mark.parametrize("text", named(""))
def test_whole_files_load(loader, tmp_path, text):
    load(loader, tmp_path, text)


def test_statements_of_tasks_compile(loader, tmp_path):
    """All in one file, as tasks of one user; a complaint has the line of the page."""
    tasks = chain = ""
    for number, (page, line, text) in enumerate(blocks("in-task")):
        tasks += f'void task{number}() {{\n#line {line} "{page.name}"\n{text}}}\n'
        chain += f".task<&Reader::task{number}>()"
    assert chain
    load(loader, tmp_path, AROUND_TASKS.format(tasks=tasks, chain=chain))


@pytest.mark.parametrize("text", named("program"))
def test_programs_compile(loader, tmp_path, text):
    source = tmp_path / "main.cpp"
    source.write_text(text)
    subprocess.run(["c++", "-std=c++20", "-fsyntax-only", f"-I{loader.include}", source],
                   check=True)


def test_there_is_a_guide():
    assert len(named("")) >= 5 and len(named("program")) == 1
