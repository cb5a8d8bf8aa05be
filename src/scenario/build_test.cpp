// SPDX-License-Identifier: Apache-2.0
#include "scenario/build.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "scenario/temporary_folder_test.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

// A compiler that takes no time: an object is the sources' text, and `#include "x"` is a
// dependency. It writes down each time that it compiles. A source with the word "error" fails.
constexpr const char* kFakeCompiler = R"sh(#!/bin/sh
set -e
folder=$(dirname "$0")
[ "$1" = --version ] && { cat "$folder/version"; exit 0; }
case " $* " in
    *" -shared "*)
        while [ "$1" != -o ]; do shift; done
        out=$2; shift 2
        case "$*" in *-lmissing*) echo "ld: cannot find -lmissing" >&2
                                  echo "collect2: error: ld returned 1 exit status" >&2; exit 1 ;; esac
        for object in "$@"; do case $object in *.o) cat "$object" ;; esac; done > "$out"
        exit 0 ;;
esac
while [ $# -gt 0 ]; do
    case $1 in -c) source=$2 ;; -o) out=$2 ;; -MF) rule=$2 ;; esac
    shift
done
echo "$source" >> "$folder/compiled"
[ -f "$folder/slow" ] && sleep 0.1
[ -f "$folder/full" ] && { echo "cannot write: No space left on device" >&2; exit 1; }
grep -q error "$source" && { echo "$source:1:2: error: as asked" >&2; exit 1; }
cat "$source" > "$out"
echo "$out: $source $(sed -n "s|#include \"\(.*\)\"|$(dirname "$source")/\1|p" "$source" | tr '\n' ' ')" > "$rule"
)sh";

struct Workshop {
    TemporaryFolder folder;
    std::unique_ptr<Cache> cache;

    Workshop() {
        const fs::path compiler = folder.write("bin/cc", kFakeCompiler);
        chmod(compiler.c_str(), 0755);
        folder.write("bin/version", "fake 1\n");
        folder.write("include/cicada/cicada.hpp", "");
        cache = std::make_unique<Cache>(folder.path() / "cache");
    }

    [[nodiscard]] Builder builder() const {
        const Compiler compiler{
            {(folder.path() / "bin/cc").string()}, folder.read("bin/version"), false};
        return {compiler, folder.path() / "include", *cache};
    }

    [[nodiscard]] long compilations() const {
        return std::ranges::count(folder.read("bin/compiled"), '\n');
    }
};

// Goal: a test is compiled again exactly when something the compiler reads or is has changed.
// Method: each kind of change, and its undoing.
TEST_CASE("build compiles once, and again after a change to any file it read") {
    const Workshop shop;
    const auto test = shop.folder.write("a.cpp", "#include \"own.hpp\"\n");
    shop.folder.write("own.hpp", "one");

    const fs::path first = shop.builder().build(test);
    CHECK(first.filename().string().starts_with("a-"));
    CHECK(shop.builder().build(test) == first);
    CHECK(shop.compilations() == 1);

    shop.folder.write("own.hpp", "two");
    CHECK(shop.builder().build(test) != first);
    CHECK(shop.compilations() == 2);

    shop.folder.write("a.cpp", "#include \"own.hpp\"\n// more\n");
    static_cast<void>(shop.builder().build(test));
    CHECK(shop.compilations() == 3);

    shop.folder.write("bin/version", "fake 2\n");
    static_cast<void>(shop.builder().build(test));
    CHECK(shop.compilations() == 4);

    shop.folder.write("a.cpp", "#include \"own.hpp\"\n// cicada: link m\n");
    static_cast<void>(shop.builder().build(test));
    CHECK(shop.compilations() == 5);

    static_cast<void>(shop.builder().build(test));
    CHECK(shop.compilations() == 5);
}

// Goal: what lies damaged in the cache is made again, not loaded. Method: an object, then a
// manifest, overwritten.
TEST_CASE("build does not trust a damaged cache") {
    const Workshop shop;
    const auto test = shop.folder.write("a.cpp", "int x;\n");
    const fs::path object = shop.builder().build(test);
    std::ofstream(object) << "int";
    CHECK(shop.builder().build(test) == object);
    CHECK(shop.compilations() == 2);
    CHECK(shop.folder.read("cache/objects/" + object.filename().string()) == "int x;\n");

    for (const auto& entry : fs::directory_iterator(shop.folder.path() / "cache/manifests")) {
        std::ofstream(entry.path()) << "nonsense";
    }
    CHECK(shop.builder().build(test) == object);
    CHECK(shop.compilations() == 3);
}

// Goal: many that start at once compile once. Method: eight builders that share nothing but the
// folder, against a compiler that takes long enough for all of them to ask.
TEST_CASE("builders that start together compile a test once") {
    const Workshop shop;
    const auto test = shop.folder.write("a.cpp", "int x;\n");
    shop.folder.write("bin/slow", "");
    std::vector<fs::path> objects(8);
    {
        std::vector<std::jthread> threads;
        threads.reserve(objects.size());
        for (fs::path& object : objects) {
            threads.emplace_back([&shop, &test, &object] {
                const Cache cache(shop.folder.path() / "cache");
                const Compiler compiler{
                    {(shop.folder.path() / "bin/cc").string()}, "fake 1", false};
                object = Builder(compiler, shop.folder.path() / "include", cache).build(test);
            });
        }
    }
    CHECK(shop.compilations() == 1);
    CHECK(std::ranges::count(objects, objects.front()) == 8);
}

// Goal: further sources are part of the test: linked to it, and noticed when they change.
TEST_CASE("build compiles the sources that a test names") {
    const Workshop shop;
    const auto test = shop.folder.write("a.cpp", "// cicada: source b.cpp\n");
    shop.folder.write("b.cpp", "int b;\n");
    const fs::path object = shop.builder().build(test);
    CHECK(shop.folder.read("cache/objects/" + object.filename().string()) ==
          "// cicada: source b.cpp\nint b;\n");
    shop.folder.write("b.cpp", "int c;\n");
    CHECK(shop.builder().build(test) != object);
    CHECK(shop.compilations() == 4);
}

// Goal: a test that is wrong leaves nothing in the cache, and its author reads why. Method: an
// error of the compiler, of the linker, and of two files at once.
TEST_CASE("build hands out the compiler's and the linker's words") {
    const Workshop shop;
    const CurrentFolder here(shop.folder.path());
    const auto wrong = shop.folder.write("a.cpp", "error\n");
    CHECK(error_of([&] { static_cast<void>(shop.builder().build(wrong)); }) ==
          "a.cpp:1:2: error: as asked\n    1 | error\n      |  ^");
    const auto unlinked = shop.folder.write("b.cpp", "// cicada: link missing\n");
    CHECK(error_of([&] { static_cast<void>(shop.builder().build(unlinked)); }) ==
          "b.cpp: it compiles but cannot be linked:\nld: cannot find -lmissing");
    const std::string both = error_of([&] {
        static_cast<void>(build_all(shop.builder(), {wrong, unlinked}));
    });
    CHECK(both.starts_with("a.cpp:1:2: error"));
    CHECK(both.ends_with("-lmissing"));
    CHECK(fs::is_empty(shop.folder.path() / "cache/objects"));
    CHECK(fs::is_empty(shop.folder.path() / "cache/work"));
}

// Goal: a file that is saved while it is compiled is compiled again by the next run. Method: the
// compiler is slow, and the time of change lies ahead.
TEST_CASE("build remembers nothing of a file that changed meanwhile") {
    const Workshop shop;
    const auto test = shop.folder.write("a.cpp", "int x;\n");
    fs::last_write_time(test, fs::last_write_time(test) + std::chrono::hours(1));
    CHECK(fs::exists(shop.builder().build(test)));
    CHECK(fs::exists(shop.builder().build(test)));
    CHECK(shop.compilations() == 2);
}

// Goal: a full disk is the cache's trouble and not the test's: another folder may do.
TEST_CASE("build tells a full disk from a wrong test") {
    const Workshop shop;
    const auto test = shop.folder.write("a.cpp", "int x;\n");
    shop.folder.write("bin/full", "");
    CHECK_THROWS_AS(static_cast<void>(shop.builder().build(test)), CacheUnusable);
}

// Goal: a shared object that is given is taken as it is.
TEST_CASE("build_all leaves a .so alone and keeps the order") {
    const Workshop shop;
    const auto a = shop.folder.write("a.cpp", "int a;\n");
    const auto b = shop.folder.write("b.cpp", "int b;\n");
    const auto objects = build_all(shop.builder(), {b, "/some/test.so", a});
    CHECK(objects[0].filename().string().starts_with("b-"));
    CHECK(objects[1] == "/some/test.so");
    CHECK(objects[2].filename().string().starts_with("a-"));
}

}  // namespace
}  // namespace cicada::scenario
