# SPDX-License-Identifier: Apache-2.0
"""Loading a test file: each thing that can be wrong is one line and exit code 1; what is right is
compiled once."""
import functools
import http.server
import os
import shutil
import subprocess
import threading

import pytest

GOOD = """#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {
public:
    void browse() { client.get("/"); }
};
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
"""


def write(folder, name, text):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def refused(loader, *items, folder, **environment):
    code, _, told = loader.load(*items, folder=folder, **environment)
    assert code == 1, told
    assert told.endswith("\n") and told.count("\n") == 1, told
    return told.rstrip("\n")


def test_a_good_file_loads(loader, tmp_path):
    write(tmp_path, "shop.cpp", GOOD)
    code, listed, told = loader.load("shop.cpp", folder=tmp_path)
    assert (code, told) == (0, "")
    assert "Shopper" in listed


def test_missing_file(loader, tmp_path):
    assert refused(loader, "absent.cpp", folder=tmp_path) == "absent.cpp: there is no such file"


def test_missing_compiler(loader, tmp_path):
    write(tmp_path, "shop.cpp", GOOD)
    told = refused(loader, "shop.cpp", folder=tmp_path, PATH=str(tmp_path))
    assert told == "no C++ compiler: install one (apt install g++), or name it with CXX"
    told = refused(loader, "shop.cpp", folder=tmp_path, CXX="no-such-c++")
    assert told == "CXX=no-such-c++: there is no such compiler"


def test_no_user_class(loader, tmp_path):
    write(tmp_path, "shop.cpp", "#include <cicada/cicada.hpp>\n")
    assert refused(loader, "shop.cpp", folder=tmp_path) == (
        "shop.cpp: no user class: declare one, static const auto x = users<X>()...;")


def test_throwing_variable(loader, tmp_path):
    write(tmp_path, "shop.cpp", GOOD +
          "static const int stock = std::stoi(\"none\");\n")
    assert refused(loader, "shop.cpp", folder=tmp_path) == (
        "shop.cpp: a variable at namespace scope threw while the test was loaded: stoi")


def test_undefined_function(loader, tmp_path):
    write(tmp_path, "shop.cpp", "void later();\n" + GOOD.replace('client.get("/")', "later()"))
    assert refused(loader, "shop.cpp", folder=tmp_path) == "shop.cpp: nothing defines later()"


def build_object(folder, include):
    source = write(folder, "built.cpp", GOOD)
    subprocess.run(["c++", "-std=c++20", "-fPIC", "-shared", "-fno-gnu-unique", f"-I{include}",
                    "-o", folder / "built.so", source], check=True)
    return folder / "built.so"


def test_object_of_these_headers(loader, tmp_path):
    build_object(tmp_path, loader.include)
    code, listed, told = loader.load("built.so", folder=tmp_path, PATH="/nonexistent")
    assert (code, told) == (0, "")
    assert "Shopper" in listed


def test_object_of_other_headers(loader, tmp_path):
    """Refused before any of its code runs: its initialisers would end the process."""
    other = tmp_path / "include"
    shutil.copytree(loader.include, other)
    version = other / "cicada" / "version.hpp"
    version.write_text(version.read_text().replace("headers_", "headers_0"))
    object_file = build_object(tmp_path, other)
    assert refused(loader, object_file.name, folder=tmp_path) == (
        "built.so: built against other headers of Cicada than this program; build it again")


def test_all_complaints_at_once(loader, tmp_path):
    write(tmp_path, "shop.cpp", GOOD.replace(".task<", ".weight(-1).task<") +
          'static const auto again = users<Shopper>().wait_time(between(2s, 1s));\n')
    code, _, told = loader.load("shop.cpp", folder=tmp_path)
    assert code == 1
    assert len(told.splitlines()) >= 2
    assert all(line.startswith("shop.cpp:") for line in told.splitlines()), told


WIKI = """#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {};
class Wiki : public MarkovTaskSet<Shopper> {
public:
    void home() { client.get("/"); }
};
static const auto shoppers = users<Shopper>().task_set<Wiki>();
"""


def test_task_sets_that_make_no_sense(loader, tmp_path):
    write(tmp_path, "shop.cpp", WIKI)
    assert refused(loader, "shop.cpp", folder=tmp_path) == (
        "shop.cpp:8: user class Shopper: nothing says what is done in task set Wiki: "
        "static const auto x = task_set<Wiki>().task<&Wiki::...>();")
    write(tmp_path, "shop.cpp", WIKI +
          'static const auto wiki = task_set<Wiki>().task<&Wiki::home>().next("hone");\n')
    assert refused(loader, "shop.cpp", folder=tmp_path) == (
        "shop.cpp:9: task set Wiki: task home: .next leads to hone, which is none of its tasks; "
        "did you mean home?")


def test_odd_task_sets_are_a_warning(loader, tmp_path):
    write(tmp_path, "shop.cpp", WIKI +
          "static const auto wiki = task_set<Wiki>().task<&Wiki::home>().next<&Wiki::home>()\n"
          '    .task("lost", [] {}).next("home");\n')
    code, listed, told = loader.load("shop.cpp", folder=tmp_path)
    assert code == 0 and "Shopper" in listed
    assert told.count("\n") == 1 and told.endswith(
        "shop.cpp:10: task set Wiki: task lost is never run: no transition leads to it\n"), told


def test_directives(loader, tmp_path):
    write(tmp_path, "parts/stock.hpp", "int stock();\n")
    write(tmp_path, "stock.cpp", '#include "stock.hpp"\n#include <openssl/opensslv.h>\n'
                                 "int stock() { return OPENSSL_VERSION_MAJOR; }\n"
                                 "// the headers of this line's folder are found, too\n")
    write(tmp_path, "shop.cpp",
          "// cicada: include parts\n// cicada: source stock.cpp\n// cicada: link m\n"
          '// cicada: pkg-config openssl\n#include "stock.hpp"\n' + GOOD +
          "static const int in_stock = stock();\n")
    code, listed, told = loader.load("shop.cpp", folder=tmp_path)
    assert (code, told) == (0, "")

    write(tmp_path, "shop.cpp", GOOD + "// cicada: lnk m\n")
    assert refused(loader, "shop.cpp", folder=tmp_path) == (
        "shop.cpp:8: `// cicada: lnk` is unknown; there are pkg-config, link, include and source")


def test_many_processes_compile_once(loader, counting_compiler, tmp_path):
    compiler, runs = counting_compiler
    write(tmp_path, "shop.cpp", GOOD)
    processes = [loader.start("shop.cpp", folder=tmp_path, CXX=str(compiler)) for _ in range(6)]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert "Shopper" in out
    assert runs() == 1


def test_own_header_recompiles(loader, counting_compiler, tmp_path):
    compiler, runs = counting_compiler
    write(tmp_path, "name.hpp", '#define NAME "one"\n')
    write(tmp_path, "shop.cpp", '#include "name.hpp"\n' + GOOD.replace("()\n", "()").replace(
        ".task<", ".name(NAME).task<"))
    for name, expected_runs in (("one", 1), ("one", 1), ("two", 2), ("two", 2)):
        write(tmp_path, "name.hpp", f'#define NAME "{name}"\n')
        code, listed, told = loader.load("shop.cpp", folder=tmp_path, CXX=str(compiler))
        assert (code, told) == (0, "")
        assert name in listed
        assert runs() == expected_runs


def test_several_files(loader, tmp_path):
    write(tmp_path, "a.cpp", GOOD)
    write(tmp_path, "b.cpp", GOOD.replace("Shopper", "Buyer"))
    code, listed, _ = loader.load("a.cpp", "b.cpp", folder=tmp_path)
    assert code == 0
    assert "Shopper" in listed and "Buyer" in listed
    code, listed, _ = loader.load(tmp_path, folder=tmp_path)
    assert code == 0
    assert "Shopper" in listed and "Buyer" in listed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that is another's")
def test_foreign_cache_is_not_used(loader, counting_compiler, tmp_path):
    compiler, runs = counting_compiler
    write(tmp_path, "shop.cpp", GOOD)
    loader.cache.mkdir(mode=0o700)
    os.chown(loader.cache, 12345, 12345)
    for expected_runs in (1, 2):
        code, _, told = loader.load("shop.cpp", folder=tmp_path, CXX=str(compiler))
        assert code == 0
        assert len(told.splitlines()) == 1
        assert "compiled tests are not kept" in told and "belongs to another user" in told
        assert runs() == expected_runs
    assert not list(loader.cache.iterdir())


@pytest.fixture
def file_server(tmp_path):
    """Serves tmp_path / "served"; its URL."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_at_a_url(loader, file_server, tmp_path):
    """Fetched, compiled, and nothing of it is left behind."""
    write(tmp_path, "served/shop.cpp", GOOD)
    (tmp_path / "tmp").mkdir()
    place = {"TMPDIR": str(tmp_path / "tmp")}
    code, listed, told = loader.load(file_server + "/shop.cpp", folder=tmp_path, **place)
    assert (code, told) == (0, "")
    assert "Shopper" in listed
    assert list((tmp_path / "tmp").iterdir()) == []
    absent = file_server + "/absent.cpp"
    assert refused(loader, absent, folder=tmp_path) == (
        absent + ": the server answers with status 404")
    page = file_server + "/shop.py"
    assert refused(loader, page, folder=tmp_path) == page + ": a test at a URL is a .cpp file"
    assert refused(loader, "https://localhost/shop.cpp", folder=tmp_path) == (
        "https://localhost/shop.cpp: only http:// can be fetched")
    assert refused(loader, "http://127.0.0.1:1/shop.cpp", folder=tmp_path).startswith(
        "http://127.0.0.1:1/shop.cpp: ")
