// SPDX-License-Identifier: Apache-2.0
// Goal: what --show-task-ratio says is what users do. Method: ratios of declared classes against
// figures worked out by hand, and both ways of printing them.
#include "user/task_ratio.hpp"

#include <doctest/doctest.h>

#include <cicada/users.hpp>
#include <nlohmann/json.hpp>

#include "user/registry.hpp"

using namespace cicada;
using user::TaskRatio;

namespace {

class Shopper : public User {
public:
    void browse() {}
    void buy() {}
};
class Admin : public User {
public:
    void clean() {}
};
class Forum : public TaskSet<Shopper> {
public:
    void read() {}
    void write() {}
};
class Wiki : public MarkovTaskSet<User> {
public:
    void home() {}
    void article() {}
    void search() {}
};

struct EmptyRegistry {
    EmptyRegistry() { user::registry().clear(); }
    ~EmptyRegistry() { user::registry().clear(); }
    EmptyRegistry(const EmptyRegistry&) = delete;
    EmptyRegistry& operator=(const EmptyRegistry&) = delete;
};

user::TaskRatios ratios(const std::vector<double>& users) {
    user::registry().seal();
    std::vector<const user::Declaration*> classes;
    for (const auto& one : user::registry().declarations()) classes.push_back(one.get());
    return user::task_ratios(classes, users);
}

/// Shoppers weigh 3, one is an admin.
void declare_shop() {
    users<Shopper>()
        .weight(3)
        .task<&Shopper::browse>({.weight = 4})
        .task<&Shopper::buy>()
        .task_set<Forum>({.weight = 5});
    users<Admin>().task<&Admin::clean>();
    task_set<Forum>().task<&Forum::read>({.weight = 3}).task<&Forum::write>();
}

}  // namespace

TEST_CASE("tasks are parts of their level, or of the whole test") {
    const EmptyRegistry empty;
    declare_shop();
    const user::TaskRatios all = ratios({3, 1});
    const TaskRatio& shopper = all.per_class.at(0);
    CHECK(shopper.ratio == doctest::Approx(0.75));
    CHECK(shopper.tasks.at(0).ratio == doctest::Approx(0.4));
    CHECK(shopper.tasks.at(2).name == "Forum");
    CHECK(shopper.tasks.at(2).tasks.at(0).ratio == doctest::Approx(0.75));
    CHECK(all.total.at(0).tasks.at(0).ratio == doctest::Approx(0.75 * 0.4));
    CHECK(all.total.at(0).tasks.at(2).tasks.at(1).ratio == doctest::Approx(0.75 * 0.5 * 0.25));
    CHECK(all.total.at(1).tasks.at(0).ratio == doctest::Approx(0.25));
}

TEST_CASE("classes are parts of all users, if there are any") {
    const EmptyRegistry empty;
    declare_shop();
    CHECK(ratios({8, 2}).per_class.at(0).ratio == doctest::Approx(0.8));
    CHECK(ratios({0, 0}).total.at(1).ratio == 0);
    CHECK(ratios({0, 0}).per_class.at(1).tasks.at(0).ratio == 1);
}

TEST_CASE("a Markov set's tasks count as often as an endless walk comes by") {
    // home -> article (3 of 4) or search (1 of 4); both -> home: half of the steps are at home.
    const EmptyRegistry empty;
    users<Admin>().task_set<Wiki>();
    task_set<Wiki>()
        .task<&Wiki::home>()
        .next<&Wiki::article>(3)
        .next<&Wiki::search>()
        .task<&Wiki::article>()
        .next<&Wiki::home>()
        .task<&Wiki::search>()
        .next<&Wiki::home>();
    const user::TaskRatios all = ratios({1});
    const std::vector<TaskRatio>& wiki = all.per_class.at(0).tasks.at(0).tasks;
    CHECK(wiki.at(0).ratio == doctest::Approx(0.5));
    CHECK(wiki.at(1).ratio == doctest::Approx(0.375));
    CHECK(wiki.at(2).ratio == doctest::Approx(0.125));
}

TEST_CASE("the table is two indented lists") {
    const EmptyRegistry empty;
    declare_shop();
    const std::string rule(80, '-');
    CHECK(user::table_of(ratios({3, 1})) == "\n Task ratio per User class\n" + rule +
                                                "\n 75.0       Shopper\n"
                                                "   40.0       browse\n"
                                                "   10.0       buy\n"
                                                "   50.0       Forum\n"
                                                "     75.0       read\n"
                                                "     25.0       write\n"
                                                " 25.0       Admin\n"
                                                "   100.0      clean\n"
                                                "\n Total task ratio\n" +
                                                rule +
                                                "\n 75.0       Shopper\n"
                                                "   30.0       browse\n"
                                                "   7.5        buy\n"
                                                "   37.5       Forum\n"
                                                "     28.1       read\n"
                                                "     9.4        write\n"
                                                " 25.0       Admin\n"
                                                "   25.0       clean\n");
}

TEST_CASE("the JSON has Locust's shape") {
    const EmptyRegistry empty;
    declare_shop();
    const auto json = nlohmann::json::parse(user::json_of(ratios({3, 1})));
    CHECK(json["per_class"]["Shopper"]["ratio"] == 0.75);
    CHECK(json["per_class"]["Shopper"]["tasks"]["Forum"]["tasks"]["write"]["ratio"] == 0.25);
    CHECK(json["total"]["Admin"]["tasks"]["clean"]["ratio"] == 0.25);
    CHECK(!json["total"]["Admin"]["tasks"]["clean"].contains("tasks"));
}
