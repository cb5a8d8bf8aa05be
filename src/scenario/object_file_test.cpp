// SPDX-License-Identifier: Apache-2.0
#include "scenario/object_file.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "scenario/child_process.hpp"
#include "scenario/temporary_folder_test.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

// Compiles `source` to NAME.so in `folder`, without any header of ours.
fs::path make_object(const TemporaryFolder& folder, const std::string& name, const char* source) {
    const fs::path file = folder.write(name + ".cpp", source);
    fs::path object = folder.path() / (name + ".so");
    const auto done =
        run_program({"c++", "-fPIC", "-shared", "-o", object.string(), file.string()});
    REQUIRE(done.has_value());
    REQUIRE(done->errors == "");
    return object;
}

std::string why_refused(const fs::path& object, const fs::path& test) {
    return error_of([&] { load_object({object, test}, [] {}); });
}

// Goal: what cannot be loaded is one line that names the cause, before any of its code runs.
// Method: objects that would end the process if their initialisers ran.
TEST_CASE("load_object says why an object cannot be loaded") {
    const TemporaryFolder folder;
    const CurrentFolder here(folder.path());
    const fs::path old = make_object(folder,
                                     "old",
                                     "namespace cicada::detail { extern const char headers_0; }\n"
                                     "const char* version = &cicada::detail::headers_0;\n"
                                     "static int runs = (__builtin_trap(), 1);\n");
    CHECK(why_refused(old, old) ==
          "old.so: built against other headers of Cicada than this program; build it again");
    CHECK(why_refused(old, folder.path() / "old.cpp") ==
          "old.cpp: the headers it was compiled against are not this program's; see "
          "CICADA_INCLUDE");

    const fs::path half = make_object(folder,
                                      "half",
                                      "struct Shopper { void browse(); };\n"
                                      "void call(Shopper& s) { s.browse(); }\n"
                                      "static int runs = (__builtin_trap(), 1);\n");
    CHECK(why_refused(half, folder.path() / "half.cpp") ==
          "half.cpp: nothing defines Shopper::browse()");

    const fs::path text = folder.write("text.so", "not an object");
    CHECK(why_refused(text, text) == "text.so: file too short");
}

// Not a test of its own: what the next one runs in a process of its own, as it ends that process.
TEST_CASE("child: loads the object that is named in the environment" * doctest::skip()) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    const char* object = std::getenv("CICADA_TEST_OBJECT");
    REQUIRE(object != nullptr);
    load_object({object, "shop.cpp"}, [] { std::printf("discarded\n"); });
}

// Goal: an exception that escapes from a variable at namespace scope names file and text, exit code
// 1, no abort. Method: a child process for each kind of thing that can be thrown.
TEST_CASE("load_object names the file whose variable threw") {
    const TemporaryFolder folder;
    const auto child = [&folder](const std::string& name, const char* thrown) {
        const fs::path object =
            make_object(folder,
                        name,
                        (std::string("#include <stdexcept>\nstruct Odd {};\nstatic int x = []() -> "
                                     "int { throw ") +
                         thrown + "; }();\n")
                            .c_str());
        const auto finished = run_program({"/usr/bin/env",
                                           "CICADA_TEST_OBJECT=" + object.string(),
                                           fs::read_symlink("/proc/self/exe").string(),
                                           "--no-skip",
                                           "--test-case=child: loads the object*"});
        REQUIRE(finished.has_value());
        CHECK(finished->exit_code == 1);
        CHECK(finished->output.ends_with("discarded\n"));
        return finished->errors;
    };
    const std::string lead =
        "shop.cpp: a variable at namespace scope threw while the test was loaded: ";
    CHECK(child("a", "std::runtime_error(\"no basket\")") == lead + "no basket\n");
    CHECK(child("b", "\"a literal\"") == lead + "a literal\n");
    CHECK(child("c", "Odd{}") == lead + "an exception of type Odd\n");
}

}  // namespace
}  // namespace cicada::scenario
