// SPDX-License-Identifier: Apache-2.0
#include "cli/config_file.hpp"

#include <doctest/doctest.h>

#include <random>

#include "base/error.hpp"

namespace cicada::cli {
namespace {

using Words = std::vector<std::string>;

/// Key and values of the one entry in `line`, as "key=a|b".
std::string entry(const std::string& line) {
    const auto entries = parse_config(line, "cicada.conf");
    REQUIRE(entries.size() == 1);
    std::string text = entries.front().key + (entries.front().is_list ? ":" : "=");
    for (const std::string& value : entries.front().values) text += value + "|";
    return text;
}

template <class Parse>
std::string complaint(Parse parse, const std::string& text) {
    try {
        [[maybe_unused]] const auto entries = parse(text, "some.conf");
        return "";
    } catch (const base::Error& error) {
        CHECK(error.exit_code() == base::ExitCode::BadArguments);
        return error.what();
    }
}

TEST_CASE("each way to write a key and its value is understood") {
    // Goal: a locust.conf is read as Locust reads it.
    // Method: one line of each form the reference lists.
    CHECK(entry("users = 5") == "users=5|");
    CHECK(entry("users=5") == "users=5|");
    CHECK(entry("users: 5") == "users=5|");
    CHECK(entry("users 5") == "users=5|");
    CHECK(entry("  --users 5  ") == "users=5|");
    CHECK(entry("--users=5\r") == "users=5|");
    CHECK(entry("headless") == "headless=true|");
    CHECK(entry("host = http://a:8000/x") == "host=http://a:8000/x|");
    CHECK(entry("host: 'a b'") == "host=a b|");
    CHECK(entry("host = \"a # b\" # c") == "host=a # b|");
    CHECK(entry("host =") == "host=|");
    CHECK(entry("users = 5 # peak") == "users=5|");
    CHECK(entry("users = 5\t; peak") == "users=5|");
    CHECK(entry("headless # at once") == "headless=true|");
    CHECK(entry("csv = a#b") == "csv=a#b|");
    CHECK(entry("tags = [a, b]") == "tags:a|b|");
    CHECK(entry("tags = [\"a\", 'b c']") == "tags:a|b c|");
    CHECK(entry("tags = [\"a, b\", 3]") == "tags:a, b|3|");
    CHECK(entry("tags = []") == "tags:");
}

TEST_CASE("lines that say nothing are skipped, and places count them") {
    // Goal: an error's line number is the editor's.
    // Method: comments of each kind, a section, a document mark, blank lines.
    const auto entries = parse_config("# a\n; b\n[locust]\n---\n\n   \nusers = 5\n", "my.conf");
    REQUIRE(entries.size() == 1);
    CHECK(entries.front().place == "my.conf:7");
    CHECK(complaint(parse_config, "users = 5\n= 5\n") == "some.conf:2: '= 5' is no `key = value`");
    CHECK(complaint(parse_config, "a;b") == "some.conf:1: 'a;b' is no `key = value`");
}

TEST_CASE("of a TOML file our two tables are read") {
    // Goal: pyproject.toml drives the program; other tools' tables do not disturb.
    // Method: every type of value, both tables (the later is the stronger), foreign tables, broken
    // files.
    const auto entries = parse_toml(
        "[project]\nname = \"x\"\n[tool.locust]\nusers = 5\n[tool.cicada]\nheadless = true\n"
        "run-time = \"5m\"\nspawn-rate = 2.5\ntags = [\"a\", 1]\n",
        "pyproject.toml");
    std::string seen;
    for (const ConfigEntry& entry : entries) {
        seen += entry.place + " " + entry.key + "=";
        for (const std::string& value : entry.values) seen += value + (entry.is_list ? "," : "");
        seen += " ";
    }
    CHECK(seen ==
          "pyproject.toml:4 users=5 pyproject.toml:6 headless=true pyproject.toml:7 run-time=5m "
          "pyproject.toml:8 spawn-rate=2.5 pyproject.toml:9 tags=a,1, ");
    CHECK(parse_toml("[tool.other]\na = 1\n", "p.toml").empty());
    CHECK(parse_toml("", "p.toml").empty());
    CHECK(complaint(parse_toml, "[tool.cicada]\nusers = 07:30:00\n") ==
          "some.conf:2: a value is a text, a number, true, false or a list of these");
    CHECK(complaint(parse_toml, "[tool.cicada\n").starts_with("some.conf:1: "));
    CHECK(complaint(parse_toml, "[}\n") == "some.conf: this is no TOML: a table's name is wrong");
}

TEST_CASE("whatever stands in a file, it is understood or refused with its place") {
    // Goal: no text makes the parsers do anything else. Method: 3,000 texts of random characters
    //   that mean something to them, by a fixed seed.
    std::mt19937 random(7);
    const std::string alphabet = "ab=:;#[]\"'-,.{} \t\n\r\\0\xff";
    for (int i = 0; i < 3'000; ++i) {
        std::string text = i % 2 == 0 ? "" : "[tool.cicada]\n";
        for (auto length = random() % 40; length > 0; --length) {
            text += alphabet[random() % alphabet.size()];
        }
        CAPTURE(text);
        const std::string told = complaint(parse_config, text);
        const std::string told_of_toml = complaint(parse_toml, text);
        CHECK((told.empty() || told.starts_with("some.conf:")));
        CHECK((told_of_toml.empty() || told_of_toml.starts_with("some.conf:")));
    }
}

TEST_CASE("a list is JSON, or words with commas between") {
    // Goal: variables and files share one notation.
    // Method: both, and what is no list.
    CHECK(list_from("[a, 'b']") == Words{"a", "b"});
    CHECK(list_from("[\"a\", 2]") == Words{"a", "2"});
    CHECK(list_from("[{\"a\": 1}]") == Words{"{\"a\":1}"});
    CHECK_FALSE(list_from("a, b").has_value());
}

}  // namespace
}  // namespace cicada::cli
