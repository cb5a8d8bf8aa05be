# SPDX-License-Identifier: Apache-2.0
"""What `make install` puts into a prefix is enough to build a test as a program of its own, with
CMake or with pkg-config, and to build a .so for the installed program."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

SHOP = """#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {
public:
    void browse() { client.get("/"); }
};
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
"""
MAIN = """#include <cicada/cicada.hpp>
int main(int argc, char** argv) { return cicada::main(argc, argv); }
"""
PROJECT = """cmake_minimum_required(VERSION 3.20)
project(shop CXX)
find_package(cicada 0.1 REQUIRED)
add_executable(own main.cpp shop.cpp)
target_link_libraries(own PRIVATE cicada::cicada)
cicada_add_test(built shop.cpp)
"""


def run(*command, **settings):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **settings)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prefix") / "usr"
    run("cmake", "--install", str(ROOT / "build"), "--prefix", str(folder))
    return folder


@pytest.fixture
def project(tmp_path):
    (tmp_path / "shop.cpp").write_text(SHOP)
    (tmp_path / "main.cpp").write_text(MAIN)
    (tmp_path / "CMakeLists.txt").write_text(PROJECT)
    return tmp_path


def test_cmake_package(prefix, project):
    run("cmake", "-S", ".", "-B", "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
        cwd=project)
    run("cmake", "--build", "build", cwd=project)
    assert "Shopper" in run("build/own", "--list", cwd=project)
    assert "Shopper" in run(prefix / "bin" / "cicada", "-f", "build/built.so", "--list", cwd=project)


def test_pkg_config(prefix, project):
    environment = {**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "cicada", env=environment).split()
    run("c++", "main.cpp", "shop.cpp", "-o", "own", *flags, cwd=project)
    assert "Shopper" in run("./own", "--list", cwd=project)


def test_installed_program_compiles_a_test(prefix, project):
    environment = {**os.environ, "CICADA_CACHE": str(project / "cache")}
    listed = run(prefix / "bin" / "cicada", "-f", "shop.cpp", "--list", cwd=project,
                 env=environment)
    assert "Shopper" in listed
