// SPDX-License-Identifier: Apache-2.0
#include "scenario/hints.hpp"

#include <doctest/doctest.h>

#include "scenario/temporary_folder_test.hpp"

namespace cicada::scenario {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kHeader = R"(
struct LookOptions {
    detail::WriteDotNameEquals only_named_fields{};
    std::string name{};                      ///< row; in the statistics
    Duration timeout = kInherited;           ///< of the whole exchange
    std::optional<bool> follow_redirects{};  ///< default: yes
    void not_a_field();
};
struct Other {
    int x = 0;
};
)";

constexpr const char* kNoConversion =
    "cannot convert '<brace-enclosed initializer list>' to 'const cicada::LookOptions&'";

struct Headers {
    TemporaryFolder folder;
    Headers() { folder.write("cicada/look.hpp", kHeader); }

    [[nodiscard]] std::string hint(const std::string& message, std::string_view call) const {
        const auto found = hint_for(message, call, folder.path());
        return found ? found->text : "";
    }
};

// Goal: the fields named to an author are those of the header in use. Method: a header with all
// that a struct may hold.
TEST_CASE("fields_of reads a struct from the public headers") {
    const Headers headers;
    CHECK(fields_of("LookOptions", headers.folder.path()) ==
          Names{"name", "timeout", "follow_redirects", "not_a_field"});
    CHECK(fields_of("Other", headers.folder.path()) == Names{"x"});
    CHECK(fields_of("Look", headers.folder.path()).empty());
}

// Goal: g++ never names the wrong field; the hint does. Method: the messages g++ 12 prints.
TEST_CASE("hint_for names the wrong option and the ones there are") {
    const Headers headers;
    CHECK(headers.hint(kNoConversion, "(\"/\", {.nmae = \"x\", .timeout = 2s}); y({.z = 1});") ==
          "LookOptions has no .nmae; did you mean .name? It has, in this order: .name .timeout "
          ".follow_redirects .not_a_field");
    CHECK(headers.hint(kNoConversion, "({.colour = 1,\n   .name = 2});")
              .starts_with("LookOptions has no .colour. It has, in this order: "));
    CHECK(headers
              .hint("invalid initialization of reference of type 'const cicada::LookOptions&' from "
                    "expression of type '<brace-enclosed initializer list>'",
                    "({.nmae = 1});")
              .starts_with("LookOptions has no .nmae; did you mean .name?"));
    CHECK(headers.hint(kNoConversion, "({{\"a\", \"b\"}});")
              .starts_with("LookOptions has named fields, in this order: "));
    CHECK(headers
              .hint("designator order for field 'cicada::LookOptions::name' does not match "
                    "declaration order in 'const cicada::LookOptions'",
                    "({.timeout = 2s, .name = \"x\"});")
              .starts_with("the fields of LookOptions, in this order: "));
    CHECK(headers.hint(kNoConversion, "({.name = f(1.5, x.y)});")
              .starts_with("the fields of LookOptions"));
}

// Goal: other messages get the sentence that helps, or none.
TEST_CASE("hint_for knows what the compiler means") {
    const Headers headers;
    CHECK(headers.hint("'std::map' is defined in header '<map>'; did you forget to '#include "
                       "<map>'?",
                       "") == "write `#include <map>`");
    const auto root = hint_for("'cicada' is not a namespace-name", "", headers.folder.path());
    REQUIRE(root.has_value());
    CHECK(root->text == "write `#include <cicada/cicada.hpp>` first");
    CHECK(root->explains_the_rest);
    CHECK(headers.hint("expected ';' before '}' token", "").empty());
}

// Goal: whoever calls something Stage learns why that is ambiguous. Method: the remarks of g++ 12
// and clang, for a class and a function, whichever comes first; and remarks about other things.
TEST_CASE("hint_for says whose name an author's own clashes with") {
    const Headers headers;
    const std::string stage =
        "Cicada has a Stage too: give yours another name, or say which is meant, ::Stage or "
        "cicada::Stage";
    CHECK(headers.hint("candidates are: 'struct cicada::Stage'", "") == stage);
    CHECK(headers.hint("                'struct cicada::Stage'", "") == stage);
    CHECK(headers.hint("candidate found by name lookup is 'cicada::Stage'", "") == stage);
    CHECK(headers
              .hint("candidates are: 'cicada::ArrivalRate "
                    "cicada::steps(std::initializer_list<RateStep>)'",
                    "")
              .starts_with("Cicada has a steps too: "));
    CHECK(headers.hint("candidates are: 'struct Stage'", "").empty());
    CHECK(headers.hint("candidate: 'void cicada::sleep(cicada::Duration)'", "").empty());
}

}  // namespace
}  // namespace cicada::scenario
