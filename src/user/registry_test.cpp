// SPDX-License-Identifier: Apache-2.0
#include "user/registry.hpp"

#include <doctest/doctest.h>

#include <cicada/users.hpp>
#include <cicada/wait_time.hpp>
#include <stdexcept>
#include <string>
#include <vector>

using namespace cicada;

namespace {

class Shopper : public User {
public:
    void browse() {}
    void buy() {}
};
class Reader : public User {
public:
    void read() {}
};

/// A registry of its own for the test that holds it.
struct EmptyRegistry {
    EmptyRegistry() { user::registry().clear(); }
    ~EmptyRegistry() { user::registry().clear(); }
    EmptyRegistry(const EmptyRegistry&) = delete;
    EmptyRegistry& operator=(const EmptyRegistry&) = delete;
};

/// The complaints, without the folder, and with the line relative to `first`.
std::vector<std::string> complaints(unsigned first) {
    std::vector<std::string> lines;
    for (std::string line : user::registry().check()) {
        const std::string file = "registry_test.cpp:";
        std::size_t at = 0;
        while ((at = line.find(file, at)) != std::string::npos) {
            const std::size_t begin =
                line.rfind(' ', at) == std::string::npos ? 0 : line.rfind(' ', at) + 1;
            const std::size_t digits = at + file.size();
            std::size_t end = digits;
            while (end < line.size() && line[end] >= '0' && line[end] <= '9') ++end;
            const auto number = std::stoul(line.substr(digits, end - digits));
            const std::string place = "+" + std::to_string(number - first);
            line.replace(begin, end - begin, place);
            at = begin + place.size();
        }
        lines.push_back(line);
    }
    return lines;
}

}  // namespace

TEST_CASE("a chain writes into its declaration, in any number of parts") {
    // Goal: the final state counts. Method: a declaration in two parts, copied between them.
    const EmptyRegistry empty;
    auto shoppers = users<Shopper>().task<&Shopper::browse>({.weight = 3});
    auto copy = shoppers;
    copy.weight(2.5).fixed_count(7).host("http://shop.example").task<&Shopper::buy>();
    shoppers.task("lambda", [] {}, {.weight = 0, .name = "other"});

    CHECK(user::registry().check().empty());
    user::registry().seal();
    REQUIRE(user::registry().declarations().size() == 1);
    const user::Declaration& one = *user::registry().find("Shopper");
    CHECK(one.weight == 2.5);
    CHECK(one.fixed_count == 7);
    CHECK(one.host == "http://shop.example");
    CHECK(one.tasks_to_run->weights == 4);
    REQUIRE(one.tasks.size() == 3);
    CHECK(one.tasks[0].label == "Shopper.browse");
    CHECK(one.tasks[1].name == "buy");
    CHECK(one.tasks[2].label == "Shopper.other");
}

TEST_CASE("all complaints are listed at once, with their places") {
    // Goal: an author sees everything that is wrong. Method: one test with every mistake there is.
    const EmptyRegistry empty;
    const unsigned here = __LINE__;
    auto shoppers = users<Shopper>();
    shoppers.weight(-1);
    shoppers.fixed_count(-5);
    shoppers.host("ftp://shop");
    shoppers.wait_time(between(5s, 1s));
    shoppers.wait_time(constant(-2s));
    shoppers.wait_time(constant_throughput(0));
    shoppers.task<&Shopper::browse>({.weight = -3});
    shoppers.task("browse", [] {});
    shoppers.task("", [] {});
    users<Shopper>().task<&Shopper::buy>({.weight = 0});
    users<Reader>().name("");
    const std::vector<std::string> expected{
        "+2: user class Shopper: .weight(-1) has to be 0 or more",
        "+3: user class Shopper: .fixed_count(-5) is negative",
        R"(+4: user class Shopper: .host(): invalid URL "ftp://shop": the scheme must be http or https)",
        "+5: user class Shopper: between(5 s, 1 s): the first is the shortest wait time",
        "+6: user class Shopper: a wait time is negative: -2 s",
        "+7: user class Shopper: constant_throughput() needs a number above 0",
        "+8: user class Shopper: task browse: .weight = -3 is negative",
        "+9: user class Shopper: there is a task browse at +8 already; give one of them a .name",
        "+10: user class Shopper: a task has an empty name",
        "+11: there is a user class Shopper at +1 already; give one of them a .name(\"...\")",
        "+11: user class Shopper: the weights of all its tasks are 0",
        "+12: user class Reader: .name() is empty",
        "+12: user class Reader: it has no tasks: .task<&Reader::...>()",
    };
    CHECK(complaints(here) == expected);
}

TEST_CASE("a limit of nothing is a complaint, not no limit and not a task that never runs") {
    // Goal: whoever writes 0 is told the range, and what else may have been meant.
    // Method: each limit there is, at 0 and at 1.
    const EmptyRegistry empty;
    const unsigned here = __LINE__;
    auto shoppers = users<Shopper>();
    shoppers.iterations(0).iterations_per_user(0);
    shoppers.task<&Shopper::browse>({.limit = 0, .request_limit = 0, .limit_per_user = 0});
    shoppers.task<&Shopper::buy>({.limit = 1, .request_limit = 1, .limit_per_user = 1});
    arrivals<Reader>(1).iterations(0).task("read", [] {});
    const std::string means = "; a task that is never to run has .weight = 0";
    const std::vector<std::string> expected{
        "+2: user class Shopper: .iterations(0) has to be 1 or more",
        "+2: user class Shopper: .iterations_per_user(0) has to be 1 or more",
        "+3: user class Shopper: task browse: .limit = 0 has to be 1 or more" + means,
        "+3: user class Shopper: task browse: .request_limit = 0 has to be 1 or more" + means,
        "+3: user class Shopper: task browse: .limit_per_user = 0 has to be 1 or more" + means,
        "+5: arrivals<Reader>: .iterations(0) has to be 1 or more",
    };
    CHECK(complaints(here) == expected);
}

TEST_CASE("a test whose user classes all weigh nothing is refused") {
    // Goal: no run without users. Method: weights of 0, then a fixed count that makes up for it.
    const EmptyRegistry empty;
    auto shoppers = users<Shopper>().weight(0).task<&Shopper::buy>();
    const std::vector<std::string> found = user::registry().check();
    REQUIRE(found.size() == 1);
    CHECK(found[0].ends_with("the weights of all user classes are 0"));
    shoppers.fixed_count(1);
    CHECK(user::registry().check().empty());
}

TEST_CASE("builders throw once the registry is sealed, and only then") {
    // Goal: nothing throws while a file is loaded, and nothing is declared while a test runs.
    const EmptyRegistry empty;
    auto shoppers = users<Shopper>().weight(-1);
    user::registry().seal();
    CHECK_THROWS_AS(users<Reader>(), std::logic_error);
    CHECK_THROWS_AS(shoppers.weight(2), std::logic_error);
    CHECK_THROWS_AS(shoppers.task<&Shopper::buy>(), std::logic_error);
    try {
        shoppers.fixed_count(3);
    } catch (const std::logic_error& error) {
        const std::string text = error.what();
        CHECK(text.starts_with(".fixed_count() at "));
        CHECK(text.ends_with(": a test declares its users at namespace scope, before it runs"));
    }
}

TEST_CASE("a declaration remembers the file that was being loaded") {
    // Goal: paths and messages can name the test file.
    const EmptyRegistry empty;
    user::registry().begin_file("/tests/a.cpp");
    users<Shopper>();
    user::registry().end_file();
    users<Reader>();
    CHECK(user::registry().find("Shopper")->file == "/tests/a.cpp");
    CHECK(user::registry().find("Reader")->file.empty());
    CHECK(user::registry().find("Nobody") == nullptr);
}
