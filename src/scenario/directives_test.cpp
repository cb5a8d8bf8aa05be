// SPDX-License-Identifier: Apache-2.0
#include "scenario/directives.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "scenario/temporary_folder_test.hpp"

namespace cicada::scenario {
namespace {

// Goal: each directive becomes what the compiler needs. Method: all of them in one file.
TEST_CASE("read_directives turns comment lines into flags and sources") {
    const TemporaryFolder folder;
    folder.write("parts/b.cpp", "");
    folder.write("parts/c.cpp", "");
    const auto test = folder.write("a.cpp",
                                   "#include <x>\n"
                                   "// cicada: link m z\n"
                                   "  // cicada:  include   parts\r\n"
                                   "// cicada: source parts/b.cpp parts/c.cpp\n"
                                   "// cicada: pkg-config openssl\n"
                                   "// cicadas are loud; // cicada: nothing\n"
                                   "int x;  // cicada: neither\n");
    const Directives found = read_directives(test);
    const auto has = [](const std::vector<std::string>& flags, const char* flag) {
        return std::ranges::find(flags, flag) != flags.end();
    };
    CHECK(found.compile_flags.front() == "-I" + (folder.path() / "parts").string());
    CHECK(found.sources == std::vector<std::filesystem::path>{folder.path() / "parts/b.cpp",
                                                              folder.path() / "parts/c.cpp"});
    CHECK(found.link_flags.front() == "-lm");
    CHECK(has(found.link_flags, "-lz"));
    CHECK(has(found.link_flags, "-lcrypto"));
}

// Goal: a wrong line is one error with its place. Method: one of each kind, the exact text.
TEST_CASE("read_directives names the line that is wrong, and why") {
    const TemporaryFolder folder;
    const CurrentFolder here(folder.path());
    const auto said = [&folder](const char* line) {
        const auto test = folder.write("a.cpp", std::string("\n") + line + "\n");
        return error_of([&test] { read_directives(test); });
    };
    CHECK(
        said("// cicada: libary m") ==
        "a.cpp:2: `// cicada: libary` is unknown; there are pkg-config, link, include and source");
    CHECK(said("// cicada: link") == "a.cpp:2: `// cicada: link` of what?");
    CHECK(said("// cicada: link -lm") == "a.cpp:2: write the library's name alone: `link m`");
    CHECK(said("// cicada: include nowhere") == "a.cpp:2: there is no folder nowhere");
    CHECK(said("// cicada: source absent.cpp") == "a.cpp:2: there is no source file absent.cpp");
    CHECK(said("// cicada: pkg-config no-such-package-here")
              .starts_with("a.cpp:2: pkg-config knows no package no-such-package-here: "));
}

}  // namespace
}  // namespace cicada::scenario
