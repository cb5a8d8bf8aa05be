// SPDX-License-Identifier: Apache-2.0
#include "scenario/parcel.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "scenario/digest.hpp"
#include "scenario/object_needs.hpp"
#include "scenario/parcel_folder.hpp"
#include "scenario/temporary_folder_test.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

/// A shared object of this machine that is always there.
fs::path some_object() {
    for (const char* const path :
         {"/lib/x86_64-linux-gnu/libz.so.1", "/lib/aarch64-linux-gnu/libz.so.1"}) {
        if (fs::exists(path)) return fs::canonical(path);
    }
    return {};
}

std::string content_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

Parcel parcel_in(const TemporaryFolder& folder) {
    ParcelContent content;
    content.tests.push_back({folder.write("tests/cicadafile.cpp", "#include \"own.hpp\"\n"),
                             some_object(),
                             {folder.path() / "tests/cicadafile.cpp",
                              folder.write("tests/lib/own.hpp", "struct Own;\n"),
                              "/usr/include/stdio.h"}});
    content.data = {folder.write("tests/data/rows.csv", "a\n1\n"),
                    folder.path() / "absent.csv",
                    "/etc/hostname"};
    return pack(content);
}

// Goal: what an object needs is known without loading it. Method: zlib, whose needs are few.
TEST_CASE("an object's needs are its machine, its libraries and their versions") {
    const auto needs = needs_of(content_of(some_object()));
    REQUIRE(needs);
    CHECK(needs->machine == machine_here());
    CHECK(needs->headers.empty());
    REQUIRE(!needs->libraries.empty());
    CHECK(needs->libraries.back().soname == "libc.so.6");
    CHECK(!needs->libraries.back().versions.empty());
    CHECK(missing_here(*needs).empty());
}

TEST_CASE("what is missing here is said by name") {
    const ObjectNeeds elsewhere{.machine = "z80"};
    CHECK(missing_here(elsewhere).front() ==
          "it is compiled for z80, this machine is " + std::string(machine_here()));
    const ObjectNeeds other{.machine = std::string(machine_here()),
                            .headers = "_ZN6cicada6detail8headers_0000E"};
    CHECK(missing_here(other).front() ==
          "it is compiled against other headers of Cicada than this program's");
    const ObjectNeeds libraries{
        .machine = std::string(machine_here()),
        .libraries = {{"libnowhere.so.7", {}}, {"libc.so.6", {"GLIBC_2.2.5", "GLIBC_99.1"}}}};
    const auto missing = missing_here(libraries);
    REQUIRE(missing.size() >= 2);
    CHECK(missing[0].starts_with("libnowhere.so.7: cannot open shared object file"));
    CHECK(missing.back() == "libc.so.6 here has no GLIBC_99.1");
}

TEST_CASE("bytes that are no object are refused, whatever they are") {
    CHECK(needs_of("").error() == "this is not a shared object of 64 bits");
    const std::string good = content_of(some_object());
    std::mt19937 random(1);
    for (int round = 0; round < 300; ++round) {
        std::string bad = good.substr(0, round % 3 == 0 ? random() % good.size() : good.size());
        for (int i = 0; i < 50 && !bad.empty(); ++i) {
            const std::size_t most =
                i % 2 == 0 ? std::min<std::size_t>(bad.size(), 64) : bad.size();
            bad[random() % most] = static_cast<char>(random());
        }
        (void)needs_of(bad);
    }
}

TEST_CASE("a parcel has the test's own files and data, by paths from its root") {
    const TemporaryFolder folder;
    const Parcel parcel = parcel_in(folder);
    CHECK(parcel.list.folder.empty());
    REQUIRE(parcel.list.tests.size() == 1);
    CHECK(parcel.list.tests.front().path == "cicadafile.cpp");
    REQUIRE(parcel.list.sources.size() == 2);  // not what the system has
    CHECK(parcel.list.sources[1].path == "lib/own.hpp");
    REQUIRE(parcel.list.data.size() == 1);
    CHECK(parcel.list.data.front().path == "data/rows.csv");
    CHECK(parcel.contents.at(parcel.list.data.front().digest) == "a\n1\n");
    const auto back = ParcelList::from(parcel.list.text());
    REQUIRE(back);
    CHECK(*back == parcel.list);
    CHECK(back->digest() == parcel.list.digest());
}

TEST_CASE("test files in several folders keep their places to each other") {
    const TemporaryFolder folder;
    ParcelContent content;
    content.tests.push_back({folder.write("a/x.cpp", ""), some_object(), {}});
    content.tests.push_back({folder.write("b/y.cpp", ""), some_object(), {}});
    const Parcel parcel = pack(content);
    CHECK(parcel.list.folder == "a");
    CHECK(parcel.list.tests[1].path == "b/y.cpp");
}

TEST_CASE("a list that leads out of its root, or is none, is refused") {
    const TemporaryFolder folder;
    const ParcelList good = parcel_in(folder).list;
    for (const char* const path : {"../x", "/etc/passwd", "a/../../x", "", ".", "a//b", "./a"}) {
        ParcelList bad = good;
        bad.data.front().path = path;
        const auto refused = ParcelList::from(bad.text());
        REQUIRE_FALSE(refused);
        CHECK(refused.error() ==
              "the test that came is refused: its path \"" + std::string(path) + "\" is not one");
    }
    ParcelList bad = good;
    bad.data.front().digest = "../../../x";
    CHECK_FALSE(ParcelList::from(bad.text()));
    bad = good;
    bad.data.front().bytes = UINT64_MAX;
    CHECK(ParcelList::from(bad.text()).error() ==
          "the test that came is refused: it has more than 512 MiB");
    bad = good;
    bad.tests.clear();
    CHECK_FALSE(ParcelList::from(bad.text()));
    CHECK_FALSE(ParcelList::from("{"));
    CHECK_FALSE(ParcelList::from("[]"));
    CHECK_FALSE(ParcelList::from(std::string(1'000'000, '[')));
    CHECK_FALSE(ParcelList::from(std::string(ParcelList::kMostTextBytes + 1, ' ')));
}

TEST_CASE("data beyond the limit is refused before it is read") {
    const TemporaryFolder folder;
    const fs::path large = folder.write("large.bin", "");
    fs::resize_file(large, ParcelList::kMostDataBytes + 1);
    ParcelContent content;
    content.tests.push_back({folder.write("x.cpp", ""), some_object(), {}});
    content.data = {large};
    CHECK(error_of([&] { (void)pack(content); }).find("are more than 64 MiB together") !=
          std::string::npos);
}

// Goal: what came is checked, and not asked for twice. Method: a parcel, put file by file.
TEST_CASE("a parcel's folder asks for what has not come, and takes nothing else") {
    const TemporaryFolder folder;
    const TemporaryFolder cache;
    fs::permissions(cache.path(), fs::perms::owner_all);
    ::setenv("CICADA_CACHE", cache.path().c_str(), 1);
    const Parcel parcel = parcel_in(folder);
    {
        ParcelFolder place(parcel.list);
        CHECK(place.misfits().empty());
        const auto missing = place.missing();
        REQUIRE(missing.size() == 2);  // the data and the object, no source
        CHECK(place.put(missing[0], "something else").error() ==
              "data/rows.csv: what came is not what the master announced");
        for (const ParcelFile& file : missing) {
            CHECK(place.put(file, parcel.contents.at(file.digest)));
        }
        CHECK(place.missing().empty());
    }
    ParcelList other = parcel.list;
    CHECK(ParcelFolder(other).missing().empty());
    other.tests.front().needs.machine = "z80";
    CHECK(ParcelFolder(other).missing().size() == 3);  // the sources, and another folder's data
    other.tests.front().path = "test.so";
    CHECK(error_of([&] { ParcelFolder{other}; })
              .starts_with("the master's test comes compiled, and cannot be loaded here: it is "
                           "compiled for z80"));
    ::unsetenv("CICADA_CACHE");
}

}  // namespace
}  // namespace cicada::scenario
