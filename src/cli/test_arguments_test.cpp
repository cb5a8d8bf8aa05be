// SPDX-License-Identifier: Apache-2.0
#include "cli/test_arguments.hpp"

#include <doctest/doctest.h>

#include <cicada/argument.hpp>
#include <map>
#include <string>

#include "base/error.hpp"
#include "cli/command_line.hpp"
#include "cli/help.hpp"
#include "cli/option_table.hpp"

namespace cicada::cli {
namespace {

using namespace std::chrono_literals;

/// The registry that argument<T>() writes to, empty before and after.
struct EmptyRegistry {
    EmptyRegistry() { user::registry().clear(); }
    EmptyRegistry(const EmptyRegistry&) = delete;
    EmptyRegistry& operator=(const EmptyRegistry&) = delete;
    ~EmptyRegistry() { user::registry().clear(); }
};

std::vector<Option> own_options() {
    Settings unused;
    return options_of_test(user::registry(), option_table(unused));
}

void parse(std::vector<std::string> arguments, std::map<std::string, std::string> variables = {}) {
    const auto environment =
        [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
    const Sources sources{
        .arguments = std::move(arguments), .environment = environment, .folder = "/nonexistent"};
    (void)parse_command_line(sources, own_options());
    expect_required_arguments(user::registry());
}

std::string complaint(std::vector<std::string> arguments,
                      std::map<std::string, std::string> variables = {}) {
    try {
        parse(std::move(arguments), std::move(variables));
        return "";
    } catch (const base::Error& error) {
        return std::to_string(static_cast<int>(error.exit_code())) + " " + error.what();
    }
}

TEST_CASE("an argument of the test is an option like any other") {
    // Goal: typed values from the command line, its variable and a cut name; the usual errors.
    // Method: one argument of each type, given in each way.
    const EmptyRegistry empty;
    const auto product = argument<std::string>(
        "--product", {.default_value = "tea", .help = "What to buy.", .environment = "PRODUCT"});
    const auto amount = argument<std::int64_t>("--amount", {.default_value = 1});
    const auto haste = argument<bool>("--haste");
    const auto pause = argument<Duration>("--pause", {.default_value = 1s});
    const auto kind = argument<std::string>("--kind", {.choices = {"big", "small"}});
    user::registry().seal();

    const std::string help = help_text("", own_options());
    CHECK(help.find("Arguments of the test:\n") != std::string::npos);
    CHECK(help.find("--amount N") != std::string::npos);
    CHECK(help.find("one of big, small.") != std::string::npos);
    CHECK(help.find("What to buy; default: tea; variable: PRODUCT.\n") != std::string::npos);

    parse({});
    CHECK(product.value() == "tea");
    CHECK_FALSE(haste.value());
    parse({"--product", "cake", "--amount=3", "--haste", "--pau", "2s"}, {{"PRODUCT", "milk"}});
    CHECK(product.value() == "cake");
    CHECK(amount.value() == 3);
    CHECK(haste.value());
    CHECK(pause.value() == Duration(2s));
    parse({}, {{"PRODUCT", "milk"}});
    CHECK(product.value() == "milk");

    parse({"--kind", "small"});
    CHECK(kind.value() == "small");
    CHECK(complaint({"--amount", "x"}).starts_with("2 argument --amount: "));
    CHECK(complaint({"--kind", "huge"}).starts_with("2 argument --kind: "));
    CHECK(complaint({"--produkt", "x"}) ==
          "2 unrecognized arguments: --produkt x\nDid you mean '--product'?");
}

TEST_CASE("what is required is asked for, what is secret is shown nowhere") {
    // Goal: one line that names all that is missing; no secret in help or error.
    // Method: a required one and a secret one with a default and a bad value.
    const EmptyRegistry empty;
    const auto token = argument<std::string>("--token", {.required = true});
    const auto pin = argument<std::int64_t>("--pin", {.default_value = 4711, .secret = true});
    user::registry().seal();
    CHECK(complaint({}) == "2 the following arguments are required: --token");
    CHECK(help_text("", own_options()).find("4711") == std::string::npos);
    const std::string bad = complaint({"--token", "t", "--pin", "topsecret"});
    CHECK(bad.starts_with("2 argument --pin: "));
    CHECK(bad.find("topsecret") == std::string::npos);
    parse({"--token", "t"});
    CHECK(token.value() == "t");
    CHECK(pin.value() == 4711);
}

TEST_CASE("an argument cannot have the name of an option of the program") {
    // Goal: a complaint with the place of each. Method: one that does.
    const EmptyRegistry empty;
    const auto users = argument<std::int64_t>("--users");
    user::registry().seal();
    const std::string told = complaint({});
    CHECK(told.find("test_arguments_test.cpp:") != std::string::npos);
    CHECK(told.ends_with(": argument --users: cicada has an option of that name"));
    CHECK(told.starts_with("1 "));
    CHECK(users.value() == 0);
}

}  // namespace
}  // namespace cicada::cli
