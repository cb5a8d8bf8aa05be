// SPDX-License-Identifier: Apache-2.0
#include "cli/sources.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "base/error.hpp"
#include "cli/command_line.hpp"

namespace cicada::cli {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

/// A folder to be in and a home, with the files a test writes there.
class Desk {
public:
    Desk() {
        std::string pattern = (fs::temp_directory_path() / "cicada-sources-XXXXXX").string();
        root_ = mkdtemp(pattern.data());
        fs::create_directories(root_ / "home");
        fs::create_directories(root_ / "here");
    }
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;
    ~Desk() { fs::remove_all(root_); }

    /// `name` as the person knows it: "~/.cicada.conf" or "cicada.conf".
    void write(const std::string& name, const std::string& text) const {
        const bool at_home = name.starts_with("~/");
        std::ofstream(at_home ? root_ / "home" / name.substr(2) : root_ / "here" / name) << text;
    }

    [[nodiscard]] Sources sources(const Words& arguments, Variables variables = {}) const {
        variables.emplace("HOME", (root_ / "home").string());
        return {.arguments = arguments,
                .environment = [variables = std::move(variables)](
                                   const std::string& name) -> std::optional<std::string> {
                    const auto found = variables.find(name);
                    if (found == variables.end()) return std::nullopt;
                    return found->second;
                },
                .folder = root_ / "here"};
    }

    [[nodiscard]] std::string complaint(const Words& arguments, Variables variables = {}) const {
        try {
            [[maybe_unused]] const Settings settings =
                parse_command_line(sources(arguments, std::move(variables)));
            return "";
        } catch (const base::Error& error) {
            CHECK(error.exit_code() == base::ExitCode::BadArguments);
            return error.what();
        }
    }

private:
    fs::path root_;
};

TEST_CASE("the strongest source wins, whichever others there are") {
    // Goal: command line > CICADA_ > LOCUST_ > --config > pyproject.toml > cicada.conf >
    //   locust.conf > the same at home > default, for every pair.
    // Method: give a different number of users in each source, then take the strongest away, one
    //   after the other.
    const Desk desk;
    desk.write("my.conf", "users = 4\n");
    desk.write("pyproject.toml", "[tool.cicada]\nusers = 5\n[tool.locust]\nusers = 6\n");
    desk.write("cicada.conf", "users = 7\n");
    desk.write("locust.conf", "users = 8\n");
    desk.write("~/.cicada.conf", "users = 9\n");
    desk.write("~/.locust.conf", "users = 10\n");
    const auto users = [&desk](const Words& arguments, const Variables& variables = {}) {
        return parse_command_line(desk.sources(arguments, variables)).users;
    };
    const Variables ours_and_theirs{{"CICADA_USERS", "2"}, {"LOCUST_USERS", "3"}};
    CHECK(users({"-u", "1", "--config", "my.conf"}, ours_and_theirs) == 1);
    CHECK(users({"--config", "my.conf"}, ours_and_theirs) == 2);
    CHECK(users({"--config", "my.conf"}, {{"LOCUST_USERS", "3"}}) == 3);
    CHECK(users({"--config", "my.conf"}) == 4);
    CHECK(users({}, {{"CICADA_CONFIG", "my.conf"}}) == 4);
    CHECK(users({}) == 5);
    desk.write("pyproject.toml", "[tool.locust]\nusers = 6\n");
    CHECK(users({}) == 6);
    desk.write("pyproject.toml", "");
    CHECK(users({}) == 7);
    desk.write("cicada.conf", "");
    CHECK(users({}) == 8);
    desk.write("locust.conf", "");
    CHECK(users({}) == 9);
    desk.write("~/.cicada.conf", "");
    CHECK(users({}) == 10);
    desk.write("~/.locust.conf", "");
    CHECK_FALSE(users({}).has_value());
}

TEST_CASE("a weaker source is not even looked at for what a stronger one says") {
    // Goal: as in Locust, an overridden value may be anything; an abbreviation overrides too.
    // Method: bad values below good ones; a key twice in one file.
    const Desk desk;
    desk.write("cicada.conf", "users = many\nspawn-rate = 2\nspawn-rate = 3\n");
    CHECK(parse_command_line(desk.sources({"--user", "5"})).users == 5);
    CHECK(parse_command_line(desk.sources({"-u5"}, {{"CICADA_USERS", "x"}})).users == 5);
    CHECK(parse_command_line(desk.sources({"-u5"})).spawn_rate == 3.0);
    CHECK(desk.complaint({}) == "cicada.conf:1: users: 'many' is not a whole number");
}

TEST_CASE("an unknown key, a bad value or a missing file is named with its place") {
    // Goal: one line, exit code 2, from which the person can go on.
    // Method: one of each.
    const Desk desk;
    desk.write("cicada.conf", "headless\nusres = 5\n");
    CHECK(desk.complaint({}) == "cicada.conf:2: unknown key 'usres'\nDid you mean 'users'?");
    desk.write("cicada.conf", "spawn_rate = 5\n");
    CHECK(desk.complaint({}) ==
          "cicada.conf:1: unknown key 'spawn_rate'\nDid you mean 'spawn-rate'?");
    desk.write("cicada.conf", "help\n");
    CHECK(desk.complaint({}).starts_with("cicada.conf:1: unknown key 'help'"));
    desk.write("cicada.conf", "config = other.conf\n");
    CHECK(desk.complaint({}) == "cicada.conf:1: a config file cannot name another");
    desk.write("cicada.conf", "headless = maybe\n");
    CHECK(desk.complaint({}).starts_with("cicada.conf:1: headless: 'maybe' is neither on"));
    desk.write("cicada.conf", "users = [1, 2]\n");
    CHECK(desk.complaint({}) == "cicada.conf:1: users: it takes one value, not a list");
    desk.write("cicada.conf", "");
    desk.write("~/.locust.conf", "\nnonsense = 1\n");
    CHECK(desk.complaint({}).starts_with("~/.locust.conf:2: unknown key 'nonsense'"));
    desk.write("~/.locust.conf", "");
    CHECK(desk.complaint({"--config", "none.conf"}) ==
          "argument --config: there is no file none.conf");
}

TEST_CASE("lists and flags from files and variables") {
    // Goal: Locust's conversions: an empty list says nothing, --headful undoes a file's headless.
    // Method: one of each.
    const Desk desk;
    desk.write("cicada.conf", "locustfile = [a.cpp, b.cpp]\nheadless\n");
    CHECK(parse_command_line(desk.sources({})).test_files == Words{"a.cpp", "b.cpp"});
    CHECK(parse_command_line(desk.sources({}, {{"LOCUST_LOCUSTFILE", ""}})).test_files ==
          Words{"a.cpp", "b.cpp"});
    CHECK(parse_command_line(desk.sources({}, {{"LOCUST_LOCUSTFILE", "c.cpp"}})).test_files ==
          Words{"c.cpp"});
    CHECK(parse_command_line(desk.sources({})).headless);
    CHECK_FALSE(parse_command_line(desk.sources({"--headful"})).headless);
    CHECK_FALSE(parse_command_line(desk.sources({"--headless=false"})).headless);
    CHECK_FALSE(parse_command_line(desk.sources({}, {{"CICADA_HEADLESS", "no"}})).headless);
    const Words two = {"read", "write"};
    CHECK(parse_command_line(desk.sources({"--tags", "read", "write", "-u", "5"})).tags == two);
    CHECK(parse_command_line(desk.sources({"-T", "read", "-T", "write", "-u", "5"})).tags == two);
    CHECK(parse_command_line(desk.sources({}, {{"LOCUST_TAGS", "[read, write]"}})).tags == two);
    CHECK(parse_command_line(desk.sources({}, {{"LOCUST_TAGS", "read write"}})).tags ==
          Words{"read write"});
    desk.write("locust.conf", "tags = [\"read\", \"write\"]\n");
    CHECK(parse_command_line(desk.sources({})).tags == two);
    CHECK(parse_command_line(desk.sources({}, {{"LOCUST_TAGS", ""}})).tags == two);
    CHECK(parse_command_line(desk.sources({"--tags", "slow"})).tags == Words{"slow"});
    CHECK(parse_command_line(desk.sources({}, {{"LOCUST_USER_CLASSES", "A  B"}})).user_classes ==
          Words{"A", "B"});
    CHECK(parse_command_line(desk.sources({"C"}, {{"LOCUST_USER_CLASSES", "A  B"}})).user_classes ==
          Words{"C"});
}

TEST_CASE("what excludes each other: the command line wins over weaker sources") {
    // Goal: a config file never makes a command line impossible; two contradictions in one place
    //   are an error all the same.
    // Method: each pair, the weaker one in a file.
    const Desk desk;
    desk.write("cicada.conf", "locustfile = a.cpp\nautostart\nautoquit = 5\nprint-stats\njson\n");
    const auto settings = [&desk](const Words& arguments) {
        return parse_command_line(desk.sources(arguments));
    };
    CHECK(settings({}).autostart);
    CHECK(settings({"--headless"}).headless);
    CHECK_FALSE(settings({"--headless"}).autostart);
    CHECK(settings({"--headless"}).autoquit_seconds == -1);
    CHECK_FALSE(settings({"--once"}).autostart);
    CHECK_FALSE(settings({"--once"}).json);
    CHECK(settings({"--only-summary"}).only_summary);
    CHECK(settings({"http://a/"}).test_files.empty());
    CHECK(desk.complaint({"http://a/", "-f", "b.cpp"}).starts_with("argument -f/--locustfile: "));
    desk.write("cicada.conf", "headless\nautostart\n");
    CHECK(desk.complaint({}).starts_with("argument --autostart: "));
    CHECK_FALSE(settings({"--autostart"}).headless);
}

TEST_CASE("what a test may still declare is doubted, not refused, before it is loaded") {
    // Goal: the file to load is known whatever options of its own the test has; what no test can
    //   make right is refused at once.
    // Method: unknown names and keys, an abbreviation, and an option that appears.
    const Desk desk;
    const FirstLook look = look_at_command_line(
        desk.sources({"--product", "tea", "-f", "shop.cpp", "--user", "ellen", "Shopper"}));
    REQUIRE(look.doubt.has_value());
    CHECK(std::string(look.doubt->what()).starts_with("unrecognized arguments: --product tea"));
    CHECK(look.settings.test_files == Words{"shop.cpp"});

    std::string product;
    std::string user;
    const std::vector<Option> of_test = {
        {"Of the test",
         0,
         "product",
         "PRODUCT",
         &product,
         "TEXT",
         "What to buy.",
         {},
         {},
         Standing::OfTest},
        {"Of the test", 0, "user", "", &user, "TEXT", "Who.", {}, {}, Standing::OfTest}};
    const Settings settings = parse_command_line(
        desk.sources({"--product", "tea", "-f", "shop.cpp", "--user", "ellen", "Shopper"}),
        of_test);
    CHECK(product == "tea");
    CHECK(user == "ellen");
    CHECK(settings.user_classes == Words{"Shopper"});
    CHECK_FALSE(settings.users.has_value());

    desk.write("cicada.conf", "product = cake\n");
    CHECK(look_at_command_line(desk.sources({})).doubt.has_value());
    (void)parse_command_line(desk.sources({}), of_test);
    CHECK(product == "cake");
    (void)parse_command_line(desk.sources({}, {{"PRODUCT", "milk"}}), of_test);
    CHECK(product == "milk");
    desk.write("cicada.conf", "");
    CHECK_FALSE(look_at_command_line(desk.sources({"-u", "5"})).doubt.has_value());
    CHECK_THROWS_AS((void)look_at_command_line(desk.sources({"-u", "x"})), base::Error);
    CHECK_THROWS_AS((void)look_at_command_line(desk.sources({"-Z"})), base::Error);
    CHECK_THROWS_AS((void)look_at_command_line(desk.sources({"http://a/", "--prodct", "1"})),
                    base::Error);
}

}  // namespace
}  // namespace cicada::cli
