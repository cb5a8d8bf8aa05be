# SPDX-License-Identifier: Apache-2.0
"""every_call/ uses each call of the public API, and compiles: whatever an author may write keeps
compiling. The headers are searched for names that it does not use."""
import pathlib
import re

import pytest

from conftest import ROOT

FOLDER = pathlib.Path(__file__).resolve().parent / "every_call"
INCLUDE = ROOT / "include" / "cicada"
HEADERS = sorted(re.findall('#include "cicada/(.*)"', (INCLUDE / "cicada.hpp").read_text()))
HEADERS.remove("version.hpp")

# What is declared publicly and not written by an author.
NOT_CALLED = {
    "main",                                         # of a program of its own: docs/guide compiles one
    "start_fiber", "begin", "end", "empty", "take",  # behind spawn(), a loop, a task
    "add", "only_named_fields", "tick",             # Fields are written in braces; the run calls tick()
    "ParentType", "UserType", "ClientType", "kOrder",
    "pieces", "poisson", "from", "to", "length", "over",  # ArrivalRate is made by functions
    "kind", "shortest", "longest",                  # WaitTime likewise
    "nanoseconds", "run",
    "current", "min", "max",                        # in default arguments and constants
}
STATES = {"Ready", "Spawning", "Cleanup", "Stopping", "Stopped"}
KINDS = {"Constant", "Uniform", "Pacing", "Exponential"}


def scopes(text):
    """(kind, statement) of each declaration an author can see: not in function bodies, namespace
    detail or private parts."""
    text = re.sub(r"//.*", "", re.sub(r"^#.*$", "", text, flags=re.M))
    at, begin = 0, 0
    stack = [["namespace", True, False]]  # kind, visible, within detail
    while at < len(text):
        char = text[at]
        if char in "{};":
            statement = text[begin:at].strip()
            for access in re.findall(r"\b(public|protected|private):", statement):
                stack[-1][1] = access == "public" and not stack[-1][2]
            statement = re.sub(r"\b(public|protected|private):", "", statement).strip()
            kind, visible, detail = stack[-1]
            if char == "{":
                opened = re.match(r"(?:template <.*>\s*)?(?:requires.*)?\b(namespace|class|struct|enum)\b",
                                  statement, re.S)
                if opened and "(" not in statement:
                    hidden = detail or not visible or statement == "namespace detail"
                    stack.append([opened[1], not hidden and opened[1] != "class", hidden])
                    begin = at + 1
                else:  # a body or an initialiser: skip it
                    depth = 1
                    while depth:
                        at += 1
                        depth += {"{": 1, "}": -1}.get(text[at], 0)
                    if visible:
                        yield kind, statement
                    begin = at + 1
            else:
                if statement and visible:
                    yield kind, statement
                if char == "}":
                    stack.pop()
                begin = at + 1
        at += 1


def names_in(header):
    """What the header offers: functions, fields, enumerators."""
    for kind, statement in scopes((INCLUDE / header).read_text()):
        statement = re.sub(r"\brequires ?\([^()]*\)", "", re.sub(r"\s+", " ", statement))
        if re.search(r"\b(friend|using|operator|delete|unavailable|extern|concept)\b|~", statement):
            continue
        if kind == "enum":
            yield from re.findall(r"[A-Z]\w+", statement)
            continue
        while "<" in statement:  # template arguments
            shorter = re.sub(r"<[^<>]*>", "", statement)
            if shorter == statement:
                break
            statement = shorter
        statement = re.sub(r"^([^(=]*?) = .*", r"\1", statement)
        called = re.search(r"\b([a-z]\w*) ?\(", statement)
        if called:
            if not called[1].endswith("_"):
                yield called[1]
        elif kind == "struct" and not statement.startswith(("class", "struct")):
            field = re.match(r"[^=]*?\b([a-z]\w*)(?: =.*)?$", statement)
            if field and not field[1].endswith("_"):
                yield field[1]


USED = set()
for source in FOLDER.glob("*.cpp"):
    USED |= set(re.findall(r"\w+", source.read_text()))


@pytest.mark.parametrize("name", sorted(file.name for file in FOLDER.glob("*.cpp")))
def test_it_loads(loader, name):
    code, listed, told = loader.load(name, folder=FOLDER, SHOP_TOKEN="x")
    assert (code, told) == (0, ""), told
    assert "Available Users" in listed


@pytest.mark.parametrize("header", HEADERS)
def test_it_uses_every_call(header):
    missing = set(names_in(header)) - USED - NOT_CALLED - STATES - KINDS
    assert not missing, f"{header} offers what tests/golden/every_call does not use"


def test_names_are_found():
    """The search sees functions of classes, free ones, fields and enumerators."""
    found = {name for header in HEADERS for name in names_in(header)}
    for name in ("get", "interrupt", "request_limit", "StopRun", "fixed_count", "users", "fail_ratio"):
        assert (name in found) == (name != "fail_ratio"), name
    assert len(found) > 150
