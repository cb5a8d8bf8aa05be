// SPDX-License-Identifier: Apache-2.0
#include "user/arguments.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "user/registry.hpp"

using namespace cicada;
using user::ArgumentSlot;

namespace {

/// A registry of its own for the test that holds it.
struct EmptyRegistry {
    EmptyRegistry() { user::registry().clear(); }
    ~EmptyRegistry() { user::registry().clear(); }
    EmptyRegistry(const EmptyRegistry&) = delete;
    EmptyRegistry& operator=(const EmptyRegistry&) = delete;
};

ArgumentSlot& last() {
    return *user::registry().arguments().back();
}

/// What is wrong with giving the argument declared last `text`; empty: nothing.
std::string wrong(std::string_view text) {
    const auto assigned = user::assign(last(), text);
    return assigned ? "" : assigned.error();
}

std::vector<std::string> complaints() {
    std::vector<std::string> lines;
    for (const std::string& line : user::registry().check()) {
        lines.push_back(line.substr(line.find(": ") + 2));
    }
    return lines;
}

}  // namespace

TEST_CASE("an argument has its default until one is given, and then that") {
    // Goal: each type reads what a person writes. Method: all types, first and last values.
    const EmptyRegistry empty;
    const auto product = argument<std::string>("--product", {.default_value = "tea"});
    CHECK(wrong("green tea") == "");
    const auto pages = argument<std::int64_t>("--pages", {.default_value = 3});
    CHECK(wrong("-7") == "");
    const auto share = argument<double>("--share", {.default_value = 0.5});
    CHECK(wrong("2.5e-1") == "");
    const auto think = argument<Duration>("--think", {.default_value = 1500ms});
    CHECK(wrong("1m30s") == "");
    const auto loud = argument<bool>("--loud");
    CHECK(wrong("YES") == "");
    const auto kept = argument<Duration>("--kept", {.default_value = 1500ms});
    user::registry().seal();

    CHECK(product.value() == "green tea");
    CHECK(pages.value() == -7);
    CHECK(share.value() == 0.25);
    CHECK(think.value() == 90s);
    CHECK(loud.value());
    CHECK(kept.value() == 1500ms);
    CHECK(user::shown_value(last()) == "1s500ms");
    CHECK(user::value_name(last()) == "TIME");
    CHECK_FALSE(user::is_flag(last()));
    CHECK(user::registry().check().empty());
}

TEST_CASE("a value that is none is one sentence") {
    // Goal: the text names the value and what it should be; a secret stays one.
    const EmptyRegistry empty;
    argument<std::int64_t>("--pages");
    CHECK(wrong("3x") == "\"3x\" is no whole number");
    CHECK(wrong("") == "\"\" is no whole number");
    CHECK(wrong("9223372036854775808") == "\"9223372036854775808\" is no whole number");
    argument<double>("--share");
    CHECK(wrong("nan") == "\"nan\" is no number");
    argument<bool>("--loud");
    CHECK(wrong("maybe") == "\"maybe\" is neither true nor false");
    argument<Duration>("--think");
    CHECK(wrong("soon").starts_with("\"soon\" is no time span; valid ones are 20, 20s"));
    argument<std::string>("--product", {.default_value = "tea", .choices = {"tea", "coffee"}});
    CHECK(wrong("milk") == "\"milk\" is none of its choices: tea, coffee");
    CHECK(wrong("coffee") == "");
    argument<std::int64_t>("--pin", {.secret = true});
    CHECK(wrong("1234x") == "its value is no whole number");
    CHECK(user::shown_value(last()) == "***");
}

TEST_CASE("required arguments are missed until they are given") {
    // Goal: the program can refuse to start.
    const EmptyRegistry empty;
    argument<std::string>("--optional");
    argument<std::string>("--token", {.required = true});
    REQUIRE(user::missing_arguments(user::registry()).size() == 1);
    CHECK(user::missing_arguments(user::registry())[0]->flag == "--token");
    CHECK(wrong("") == "");
    CHECK(user::missing_arguments(user::registry()).empty());
}

TEST_CASE("what is wrong about a declaration is noted") {
    // Goal: all complaints after loading. Method: one of each kind, in this order of lines.
    const EmptyRegistry empty;
    argument<std::string>("product");
    argument<std::string>("--two words");
    argument<std::int64_t>("--pages");
    argument<double>("--pages");
    argument<bool>("--loud", {.choices = {"true"}, .required = true});
    argument<std::int64_t>("--level", {.default_value = 4, .choices = {"1", "two"}});
    const auto early = argument<std::string>("--early", {.default_value = "x"});
    CHECK(early.value() == "x");
    const auto found = complaints();
    REQUIRE(found.size() == 7);
    const std::string form = "it has to be two dashes, a letter, and letters, digits, - or _";
    CHECK(found[0] == "argument product: " + form);
    CHECK(found[1] == "argument --two words: " + form);
    CHECK(found[2].starts_with("argument --pages: there is one at "));
    CHECK(found[2].ends_with(" already"));
    CHECK(found[3] == "argument --loud: a flag has no .choices");
    CHECK(found[4] == "argument --level: \"two\" of its .choices is no whole number");
    CHECK(found[5] == "argument --level: the default \"4\" is none of its .choices: 1, two");
    CHECK(found[6] ==
          "--early is not known while the test is being loaded: ask for its value() in tasks and "
          "listeners");
}
