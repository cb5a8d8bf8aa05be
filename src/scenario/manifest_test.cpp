// SPDX-License-Identifier: Apache-2.0
#include "scenario/manifest.hpp"

#include <doctest/doctest.h>

#include "scenario/digest.hpp"
#include "scenario/temporary_folder_test.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

// Goal: names with make's special characters are read back. Method: a rule as g++ writes it.
TEST_CASE("files_read understands the compiler's dependency rule") {
    const auto files = files_read(
        "/tmp/0.o: /src/a.cpp /usr/include/stdio.h \\\n"
        " /src/with\\ blank.hpp /src/cost$$.hpp /src/no\\#1.hpp \\\n /src/a.cpp\n");
    CHECK(files == std::vector<fs::path>{"/src/a.cpp",
                                         "/src/cost$.hpp",
                                         "/src/no#1.hpp",
                                         "/src/with blank.hpp",
                                         "/usr/include/stdio.h"});
    CHECK(files_read("").empty());
}

// Goal: what is written is what is read; anything else is no manifest. Method: a round trip, then
// each kind of damage.
TEST_CASE("a manifest survives writing and reading, and damage is noticed") {
    const TemporaryFolder folder;
    const std::string digest = Digest().add("x").hex();
    const Manifest manifest{"test.so", digest, {{"/a b.cpp", digest}, {"/c.hpp", digest}}};
    const fs::path file = folder.path() / "manifest";
    REQUIRE(write_manifest(file, manifest));
    const auto read = read_manifest(file);
    REQUIRE(read.has_value());
    CHECK(read->object_name == "test.so");
    CHECK(read->object_digest == digest);
    REQUIRE(read->dependencies.size() == 2);
    CHECK(read->dependencies[0].file == "/a b.cpp");
    CHECK(read->dependencies[1].digest == digest);

    CHECK_FALSE(write_manifest(file, {"x.so", digest, {{"/a\nb.cpp", digest}}}));
    CHECK_FALSE(write_manifest(folder.path() / "absent" / "manifest", manifest));
    for (const char* damaged : {"", "another format\n", "cicada manifest 1\n"}) {
        CHECK_FALSE(read_manifest(folder.write("damaged", damaged)).has_value());
    }
    CHECK_FALSE(read_manifest(folder.write("short", "cicada manifest 1\n" + digest)).has_value());
    CHECK_FALSE(read_manifest(folder.path() / "absent").has_value());
}

// Goal: a manifest holds exactly while every file is as it was.
TEST_CASE("is_current notices a change to any file") {
    const TemporaryFolder folder;
    const auto file = folder.write("a.cpp", "one");
    const Manifest manifest{"test.so", "", {{file, digest_of_file(file).value_or("")}}};
    CHECK(is_current(manifest));
    folder.write("a.cpp", "two");
    CHECK_FALSE(is_current(manifest));
    folder.write("a.cpp", "one");
    CHECK(is_current(manifest));
    fs::remove(file);
    CHECK_FALSE(is_current(manifest));
}

}  // namespace
}  // namespace cicada::scenario
