// SPDX-License-Identifier: Apache-2.0
#include "scenario/diagnostics.hpp"

#include <doctest/doctest.h>

#include "scenario/compiler_output.hpp"
#include "scenario/temporary_folder_test.hpp"

// What whole compilations print stands in tests/golden; here are the rules one by one.
namespace cicada::scenario {
namespace {

struct Author {
    TemporaryFolder folder;
    std::string test;

    explicit Author(const std::string& source = "first\n    second(line);\nthird\n")
        : test(folder.write("a.cpp", source).string()) {}

    [[nodiscard]] std::string told(const std::string& said) const {
        const CurrentFolder here(folder.path());
        return explain(said, {test, "/opt/cicada/include"});
    }
};

// Goal: an error of the author's own keeps the compiler's excerpt, of which one line and its caret.
TEST_CASE("explain shows the author's error with its line") {
    const Author author;
    CHECK(author.told(author.test + ": In member function 'x':\n" + author.test +
                      ":2:5: error: 'second' was not declared in this scope\n"
                      "    1 | first\n"
                      "      | ~~~~~\n"
                      "    2 |     second(line);\n"
                      "      |     ^~~~~~\n" +
                      author.test + ":1:1: note: something\n    1 | first\n      | ^~~~~\n") ==
          "a.cpp:2:5: error: 'second' was not declared in this scope\n"
          "    2 |     second(line);\n"
          "      |     ^~~~~~");
}

// Goal: an error in a header is shown at the author's line that led there. Method: g++ says so
// before the error, clang after it.
TEST_CASE("explain moves an error in a header to the author's line") {
    const Author author;
    const std::string moved =
        "a.cpp:2:10: error: a task takes no arguments\n"
        "    2 |     second(line);\n"
        "      |          ^";
    CHECK(
        author.told("In file included from /opt/cicada/include/cicada/x.hpp:3,\n"
                    "                 from " +
                    author.test +
                    ":1:\n"
                    "/opt/cicada/include/cicada/x.hpp: In instantiation of 'y':\n"
                    "/opt/cicada/include/cicada/x.hpp:7:8:   required from 'z'\n" +
                    author.test +
                    ":2:10:   required from here\n"
                    "/opt/cicada/include/cicada/x.hpp:9:1: error: static assertion failed: a task "
                    "takes no arguments\n    9 | static_assert\n") == moved);
    CHECK(author.told("/opt/cicada/include/cicada/x.hpp:9:1: error: static assertion failed due to "
                      "requirement 'a<b>': a task takes no arguments\n" +
                      author.test + ":2:10: note: in instantiation of 'y' requested here\n") ==
          moved);
    CHECK(author.told(
              author.test +
              ":2:10:   required from here\n"
              "/usr/include/c++/12/bits/x.h:9:1: error: static assertion failed: a task takes "
              "no arguments\n") == moved);
}

// Goal: one mistake is one error. Method: echoes, repetitions at one place, and a root cause.
TEST_CASE("explain leaves out what only repeats an error") {
    const Author author;
    const std::string first = author.test + ":2:5: error: 'brwose' is not a member of 'X'\n";
    const std::string alone = author.told(first);
    CHECK(author.told(first + first) == alone);
    CHECK(author.told(first + author.test +
                      ":3:1: error: no matching function for call to 'task<<expression error> "
                      ">()'\n") == alone);
    CHECK(author.told(first + author.test + ":2:5: error: template argument 1 is invalid\n") ==
          alone);
    CHECK(author.told(author.test + ":1:1: warning: unused\n" + first) == alone);
    CHECK(author.told(first + author.test +
                      ":3:1: error: 'second' was not declared in this scope\n") == alone);
    CHECK(author.told(first + author.test +
                      ":3:1: error: 'econd' was not declared in this scope\n") != alone);

    const std::string told =
        author.told(author.test + ":1:1: error: 'cicada' is not a namespace-name\n" + first);
    CHECK(told.find("brwose") == std::string::npos);
    CHECK(told.ends_with("  hint: write `#include <cicada/cicada.hpp>` first"));
}

// Goal: a wall of errors is cut, and says so.
TEST_CASE("explain shows five errors and counts the rest") {
    const Author author;
    std::string said;
    for (int line = 1; line <= 8; ++line) {
        said += author.test + ":" + std::to_string(line) + ":1: error: number\n";
    }
    CHECK(author.told(said).ends_with("a.cpp:5:1: error: number\nand 3 more errors"));
}

// Goal: the sentence we put on a deleted overload stands alone.
TEST_CASE("explain drops the compiler's lead before our own sentence") {
    const Author author;
    CHECK(author
              .told(author.test + ":2:5: error: 'void cicada::sleep(int)' is unavailable: a time "
                                  "needs a unit: sleep(5s)\n")
              .starts_with("a.cpp:2:5: error: a time needs a unit: sleep(5s)\n"));
}

// Goal: what is no diagnostic at all is still handed on. Method: a compiler that died.
TEST_CASE("explain hands on words it does not understand") {
    const Author author;
    CHECK(author.told("g++: fatal error: Killed signal terminated program cc1plus\n"
                      "compilation terminated.\n") ==
          "a.cpp: the compiler failed:\n"
          "g++: fatal error: Killed signal terminated program cc1plus\n"
          "compilation terminated.");
    CHECK(author.told("") == "a.cpp: the compiler failed:");
}

// Goal: places are read from any name a file may have. Method: colons, blanks, no column.
TEST_CASE("parse_compiler_output reads places") {
    const auto errors = parse_compiler_output(
        "/a b:3/x.cpp:12:7: error: one: two\n"
        "x.cpp:12: error: a line without a column\n"
        "y.cpp:1:2: fatal error: z.hpp: No such file or directory\n");
    REQUIRE(errors.size() == 2);
    CHECK(errors[0].place == SourcePlace{"/a b:3/x.cpp", 12, 7});
    CHECK(errors[0].text == "one: two");
    CHECK(errors[1].text == "z.hpp: No such file or directory");
}

}  // namespace
}  // namespace cicada::scenario
