// SPDX-License-Identifier: Apache-2.0
#include "scenario/test_files.hpp"

#include <doctest/doctest.h>

#include "scenario/temporary_folder_test.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(const std::vector<fs::path>& files, const fs::path& folder) {
    std::vector<std::string> names;
    names.reserve(files.size());
    for (const fs::path& file : files) names.push_back(file.lexically_relative(folder).string());
    return names;
}

using Names = std::vector<std::string>;

// Goal: -f means what Locust's means. Method: a folder of files, and every form of item.
TEST_CASE("find_test_files takes files, lists and folders, each test once and in order") {
    const TemporaryFolder folder;
    folder.write("b.cpp", "");
    folder.write("a.cpp", "");
    folder.write("built.so", "");
    folder.write("more/z.cpp", "");
    folder.write("more/deep/y.cpp", "");
    folder.write("more/_part.cpp", "");
    folder.write("more/_parts/x.cpp", "");
    folder.write("more/.git/w.cpp", "");
    folder.write("more/notes.txt", "");
    const CurrentFolder here(folder.path());
    const auto found = [&](const Names& items) {
        return names_of(find_test_files(items), folder.path());
    };

    CHECK(found({"b.cpp"}) == Names{"b.cpp"});
    CHECK(found({"b.cpp,a.cpp", "built.so"}) == Names{"b.cpp", "a.cpp", "built.so"});
    CHECK(found({" b.cpp , ./b.cpp,", "more/../b.cpp"}) == Names{"b.cpp"});
    CHECK(found({"more"}) == Names{"more/deep/y.cpp", "more/z.cpp"});
    CHECK(found({"more,a.cpp"}) == Names{"more/deep/y.cpp", "more/z.cpp", "a.cpp"});
}

// Goal: with no -f the file in the current folder is the test, and its absence is said so.
TEST_CASE("find_test_files falls back to ./cicadafile.cpp") {
    const TemporaryFolder folder;
    const CurrentFolder here(folder.path());
    CHECK(error_of([] { find_test_files({}); }) ==
          "there is no cicadafile.cpp here: name a test file with -f, or see --help");
    folder.write("cicadafile.cpp", "");
    CHECK(names_of(find_test_files({}), folder.path()) == Names{"cicadafile.cpp"});
}

// Goal: each wrong item is one clear line. Method: one of each kind, the exact text.
TEST_CASE("find_test_files names what is wrong with an item") {
    const TemporaryFolder folder;
    const CurrentFolder here(folder.path());
    folder.write("notes.txt", "");
    folder.write("empty/_only.cpp", "");
    const auto said = [](const char* item) {
        return error_of([item] { find_test_files({item}); });
    };
    CHECK(said("absent.cpp") == "absent.cpp: there is no such file");
    CHECK(said("notes.txt") == "notes.txt: a test is a .cpp file, a .so file or a folder");
    CHECK(said("empty") == "empty: no test file in this folder (*.cpp, name not starting with _)");
    CHECK(said("/dev/null") == "/dev/null: this is not a file");
}

}  // namespace
}  // namespace cicada::scenario
