// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/error.hpp"
#include "cli/help.hpp"
#include "cli/option_table.hpp"

namespace cicada::cli {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

Settings parse(const Words& arguments, const Variables& variables = {}) {
    const auto environment = [&variables](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return parse_command_line(
        {.arguments = arguments, .environment = environment, .folder = "/nonexistent"});
}

/// What the person reads, with the exit code before it.
std::string complaint(const Words& arguments, const Variables& variables = {}) {
    try {
        [[maybe_unused]] const Settings settings = parse(arguments, variables);
        return "";
    } catch (const base::Error& error) {
        return std::to_string(static_cast<int>(error.exit_code())) + " " + error.what();
    }
}

TEST_CASE("each form of an option is understood") {
    // Goal: what Locust's parser takes, ours takes.
    // Method: joined and separate values, letters, cut names, repeated options.
    CHECK(parse({"-u", "5"}).users == 5);
    CHECK(parse({"-u5"}).users == 5);
    CHECK(parse({"--users=5"}).users == 5);
    CHECK(parse({"--users", "5"}).users == 5);
    CHECK(parse({"--use", "5"}).users == 5);
    CHECK(parse({"-u", "5", "-u", "6"}).users == 6);
    CHECK(parse({"-f", "a.cpp", "-f", "b.cpp,c.cpp"}).test_files == Words{"a.cpp", "b.cpp,c.cpp"});
    CHECK(parse({"-r", "0.5"}).spawn_rate == 0.5);
    CHECK(parse({"-r", "1e6"}).spawn_rate == 1e6);
    CHECK(parse({"-t", "1h30m"}).run_time == 90min);
    CHECK(parse({"--headless"}).headless);
    CHECK(parse({"-L", "debug"}).log_level == "DEBUG");
    CHECK(parse({"--stack-size", "64k"}).stack_size == 65'536);
    CHECK(parse({"--csv", "x", "--csv-full-history"}).csv_full_history);
    CHECK_FALSE(parse({"--csv", "x"}).csv_full_history);
    CHECK(parse({"http://127.0.0.1:1/a", "-u", "2"}).url == "http://127.0.0.1:1/a");
}

TEST_CASE("an unknown argument is named, with what it may have been meant to be") {
    // Goal: Locust's message and exit code 2.
    // Method: misspelt, hopeless, ambiguous, and words that are no URL.
    CHECK(complaint({"--uesrs", "5"}) ==
          "2 unrecognized arguments: --uesrs 5\nDid you mean '--users'?");
    CHECK(complaint({"--headles"}).empty());
    CHECK(complaint({"--hedless"}) ==
          "2 unrecognized arguments: --hedless\nDid you mean '--headless'?");
    CHECK(complaint({"--qqqqqqq"}) == "2 unrecognized arguments: --qqqqqqq");
    CHECK(complaint({"-Z"}) == "2 unrecognized arguments: -Z");
    CHECK(complaint({"Shopper"}).empty());
    CHECK(complaint({"--csv-f", "--csv", "x"}).empty());
    CHECK(complaint({"--sto", "1"}).empty());
    CHECK(complaint({"--max", "1"}) ==
          "2 ambiguous option: --max could match --max-header-size, --max-body-size, "
          "--max-interim-answers");
}

TEST_CASE("a bad value is told with its option, its value and its limits") {
    // Goal: one line, exit code 2, from which the person can go on.
    // Method: each type and both ends of a range.
    CHECK(complaint({"-u", "ten"}) == "2 argument -u/--users: 'ten' is not a whole number");
    CHECK(complaint({"-u", "1.5"}) == "2 argument -u/--users: '1.5' is not a whole number");
    CHECK(complaint({"-u", ""}) == "2 argument -u/--users: '' is not a whole number");
    CHECK(complaint({"-u", "-5"}) ==
          "2 argument -u/--users: -5 is out of range, it has to be 0 to 10000000");
    CHECK(complaint({"-u", "10000001"}) ==
          "2 argument -u/--users: 10000001 is out of range, it has to be 0 to 10000000");
    CHECK(complaint({"-u", "99999999999999999999"}) ==
          "2 argument -u/--users: 99999999999999999999 is out of range, it has to be 0 to "
          "10000000");
    for (const std::string rate : {"0", "-1", "inf", "nan", "1e999"}) {
        CHECK(complaint({"-r", rate}) == "2 argument -r/--spawn-rate: " + rate +
                                             " is out of range, it has to be finite and above 0");
    }
    CHECK(complaint({"-r", "fast"}) == "2 argument -r/--spawn-rate: 'fast' is not a number");
    CHECK(complaint({"-t", "1.5"}) ==
          "2 argument -t/--run-time: '1.5' is not a time span; valid ones are 20, 20s, 3m, 2h, "
          "1h20m, 3h30m10s, 250ms");
    CHECK(complaint({"-t", "0"}) ==
          "2 argument -t/--run-time: 0 is out of range, it has to be above 0");
    CHECK(complaint({"-P", "70000"}) ==
          "2 argument -P/--web-port: 70000 is out of range, it has to be 0 to 65535");
    CHECK(complaint({"--io", "kqueue"}) ==
          "2 argument --io: 'kqueue' is not one of auto, uring, epoll");
    CHECK(complaint({"--max-body-size", "1t"}) ==
          "2 argument --max-body-size: '1t' is not a size in bytes, such as 64k or 1m");
    CHECK(complaint({"--stack-size", "9223372036854775807g"}) ==
          "2 argument --stack-size: 9223372036854775807g is out of range, it has to be 16384 to "
          "1073741824");
    CHECK(complaint({"-u"}) == "2 argument -u/--users: expected one argument");
    CHECK(complaint({"-u", "--headless"}) == "2 argument -u/--users: expected one argument");
}

TEST_CASE("options that exclude or need each other") {
    // Goal: contradictions are refused before anything starts.
    // Method: each of them.
    CHECK(complaint({"--csv-full-history"}) ==
          "2 argument --csv-full-history: it needs --csv PREFIX");
    CHECK(complaint({"http://a/", "-f", "a.cpp"}) ==
          "2 argument -f/--locustfile: a test is either a file or one URL, not both");
    CHECK(complaint({"--headless", "--autostart"}).starts_with("2 argument --autostart: "));
    CHECK(complaint({"--record", "x"}) == "2 argument --record: it needs --once");
    CHECK(complaint({"--once", "--json"}).starts_with("2 argument --json: "));
    CHECK(complaint({"--once", "--autostart"}).starts_with("2 argument --autostart: "));
    CHECK(complaint({"--autoquit", "3"}) == "1 argument --autoquit: it needs --autostart");
    CHECK(complaint({"http://a/", "http://b/"}) ==
          "2 one URL can be tested at a time, not http://a/ and http://b/");
    CHECK(complaint({"run", "shop.cpp"}) ==
          "2 shop.cpp is no user class: name a test file with -f shop.cpp");
    CHECK(complaint({"--dry-run=all"}) == "2 argument --dry-run: 'all' is not one of load, tasks");
    CHECK(complaint({"--answers", "x"}) == "2 argument --answers: it needs --dry-run=tasks");
    CHECK(complaint({"--answers", "x", "--dry-run"}) ==
          "2 argument --answers: it needs --dry-run=tasks");
    CHECK(complaint({"--once", "--dry-run"}) ==
          "2 argument --once: it cannot be combined with --dry-run");
    CHECK(complaint({"http://a/", "Shopper"}) == "2 a test of one URL has no user class Shopper");
    CHECK(complaint({"--check", "p95 < 1s", "--check", "p95"}) ==
          "2 argument --check: \"p95\": it compares nothing: write p95 < 200ms, with <, <=, >, >=, "
          "== or !=");
    CHECK(complaint({"--check-abort", "5s"}) == "2 argument --check-abort: it needs --check");
}

TEST_CASE("a flag may say more behind its =") {
    // Goal: `--dry-run` alone, with what it may say, and in a variable; the word behind it is a
    // user class. Method: each.
    CHECK(parse({}).dry_run.empty());
    CHECK(parse({"--dry-run"}).dry_run == "load");
    CHECK(parse({"--dry-run=tasks"}).dry_run == "tasks");
    CHECK(parse({"--dry=Tasks"}).dry_run == "tasks");
    CHECK(parse({"--dry-run", "--dry-run=no"}).dry_run.empty());
    const Settings settings = parse({"--dry-run", "Shopper"});
    CHECK(settings.dry_run == "load");
    CHECK(settings.user_classes == Words{"Shopper"});
    CHECK(parse({}, {{"CICADA_DRY_RUN", "1"}}).dry_run == "load");
    CHECK(parse({}, {{"CICADA_DRY_RUN", "tasks"}}).dry_run == "tasks");
    CHECK(parse({"--dry-run=off"}, {{"CICADA_DRY_RUN", "tasks"}}).dry_run.empty());
    CHECK(complaint({}, {{"CICADA_DRY_RUN", "x"}}) ==
          "2 environment variable CICADA_DRY_RUN: 'x' is not one of load, tasks");
}

TEST_CASE("variables: ours before Locust's, the command line before both") {
    // Goal: images made for Locust work, and can be overridden.
    // Method: one variable from each source.
    CHECK(parse({}, {{"LOCUST_USERS", "3"}}).users == 3);
    CHECK(parse({}, {{"LOCUST_USERS", "3"}, {"CICADA_USERS", "4"}}).users == 4);
    CHECK(parse({"-u", "5"}, {{"CICADA_USERS", "4"}}).users == 5);
    CHECK(parse({"-f", "b.cpp"}, {{"LOCUST_LOCUSTFILE", "a.cpp"}}).test_files == Words{"b.cpp"});
    CHECK(parse({}, {{"LOCUST_HEADLESS", "Yes"}}).headless);
    CHECK_FALSE(parse({}, {{"LOCUST_HEADLESS", "off"}}).headless);
    CHECK(parse({}, {{"LOCUST_STOP_TIMEOUT", "1m"}}).stop_timeout == 1min);
    CHECK(complaint({}, {{"LOCUST_HEADLESS", ""}}) ==
          "2 environment variable LOCUST_HEADLESS: '' is neither on (true, yes, on, 1) nor off "
          "(false, no, off, 0)");
    CHECK(complaint({}, {{"CICADA_USERS", "x"}}) ==
          "2 environment variable CICADA_USERS: 'x' is not a whole number");
}

TEST_CASE("names and letters of the table are unique, and every option is helped") {
    // Goal: a new row cannot shadow an old one.
    // Method: look at the whole table and at the help made from it.
    Settings settings;
    const std::vector<Option> table = option_table(settings);
    std::set<std::string> seen;
    const std::string help = help_text("Usage: cicada\n", table);
    for (const Option& option : table) {
        CAPTURE(option.name);
        CHECK(seen.insert(std::string(option.name)).second);
        if (option.letter != 0) CHECK(seen.insert(std::string(1, option.letter)).second);
        CHECK((option.standing == Standing::Hidden) ==
              (help.find("--" + std::string(option.name)) == std::string::npos));
        CHECK(option.help.ends_with('.'));
        CHECK(option.is_flag() == option.value_name.empty());
    }
    CHECK(help.starts_with("Usage: cicada\n\nCommon options:\n  -f, --locustfile FILES"));
}

TEST_CASE("the page of the guide is made from the table") {
    // Goal: docs/guide/command-line.md never lies.
    // Method: compare; with CICADA_UPDATE_DOCS=1 write it instead.
    const std::filesystem::path page =
        std::filesystem::path(CICADA_SOURCE_FOLDER) / "docs/guide/command-line.md";
    Settings settings;
    const std::string expected = command_line_page(option_table(settings));
    if (process_environment("CICADA_UPDATE_DOCS")) std::ofstream(page) << expected;
    std::ostringstream text;
    text << std::ifstream(page).rdbuf();
    const bool is_up_to_date = text.str() == expected;
    CHECK_MESSAGE(is_up_to_date, "write it anew: CICADA_UPDATE_DOCS=1 build/bin/cli_tests");
}

TEST_CASE("the demo server has options of its own") {
    // Goal: the same rules, another table.
    // Method: a good and a bad command line.
    CHECK(parse_demo_command_line({"--port", "0"}).port == 0);
    CHECK_THROWS_AS((void)parse_demo_command_line({"--users", "1"}), base::Error);
    CHECK_THROWS_AS((void)parse_demo_command_line({"word"}), base::Error);
}

}  // namespace
}  // namespace cicada::cli
