// SPDX-License-Identifier: Apache-2.0
#include "user/feeders.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cicada/feeder.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/shown_path.hpp"
#include "user/test_run.hpp"

using namespace cicada;
namespace fs = std::filesystem;

namespace {

/// What each user got, in turn.
std::map<std::int64_t, std::vector<std::string>> got;
std::function<void(User&)> act;

class Reader : public User {
public:
    void read() { act(*this); }
    void on_stop() override { got[user_number()].push_back("left"); }
};

/// Users of class Reader, each calling `task` once a second, for `seconds`.
class FedRun {
public:
    FedRun() {
        got.clear();
        users<Reader>().wait_time(constant(1s)).task<&Reader::read>();
        run.environment.stop_run = [this] { ++stops; };
    }

    void with_users(int count, double seconds, const std::function<void(User&)>& task) {
        act = task;
        run.run([&] {
            complaints = user::open_feeders(user::registry(), folder);
            std::vector<std::unique_ptr<user::LiveUser>> users;
            for (int number = 0; number < count; ++number) users.push_back(run.start(number));
            fiber::sleep_for(Duration(std::chrono::duration<double>(seconds)).nanoseconds());
            for (auto& one : users) {
                one->stop();
                run.wait_for_end(*one);
            }
        });
    }

    user::TestRun run;
    fs::path folder = ".";
    std::vector<std::string> complaints;
    int stops = 0;
};

/// Notes the next value.
std::function<void(User&)> noting(const Feeder& feeder) {
    return [feeder](User& user) { got[user.user_number()].push_back(feeder.next()["value"]); };
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a circular feeder hands out its rows in turn, to all users together") {
    // Goal: each row equally often. Method: three users take five turns from four rows.
    FedRun fed;
    const auto numbers = range_feeder(1, 4, Feed::Circular);
    fed.with_users(3, 4.5, noting(numbers));
    std::map<std::string, int> times;
    for (auto& [user, values] : got) {
        CHECK(values.size() == 6);
        for (const auto& value : values) times[value] += 1;
    }
    CHECK(times == std::map<std::string, int>{{"1", 4}, {"2", 4}, {"3", 4}, {"4", 3}, {"left", 3}});
}

TEST_CASE("a unique feeder hands out each row once, and then ends who asks") {
    // Goal: never twice, none missing. Method: 7 users, 20 rows; all have left on their own.
    FedRun fed;
    const auto numbers = range_feeder(1, 20, Feed::Unique);
    fed.with_users(7, 60, noting(numbers));
    std::multiset<std::string> values;
    for (auto& [user, its] : got) {
        CHECK(its.back() == "left");
        CHECK(std::count(its.begin(), its.end(), "left") == 1);
        values.insert(its.begin(), its.end() - 1);
    }
    CHECK(values.size() == 20);
    CHECK(std::set<std::string>(values.begin(), values.end()).size() == 20);
    CHECK(fed.stops == 0);
    CHECK(fed.run.ended == 7);
    CHECK(fed.run.log == Lines{"range_feeder(1, 20): each of the 20 rows has been used, who asks "
                               "for another ends"});
    CHECK(fed.run.recorded().empty());
}

TEST_CASE("the end of a unique feeder may stop the run, or begin again") {
    // Goal: the other two of AtEnd.
    FedRun fed;
    const auto last = range_feeder(1, 3, Feed::Unique, {.at_end = AtEnd::StopRun});
    const auto again = range_feeder(1, 3, Feed::Unique, {.at_end = AtEnd::Recycle});
    fed.with_users(1, 10, [&](User& user) {
        got[user.user_number()].push_back(again.next()["value"]);
        if (got[0].size() > 5) (void)last.next();
    });
    CHECK(got[0] == Lines{"1", "2", "3", "1", "2", "3", "1", "2", "3", "left"});
    CHECK(fed.stops == 1);
    CHECK(fed.run.log ==
          Lines{"range_feeder(1, 3): each of the 3 rows has been used, stopping the test"});
}

TEST_CASE("a feeder per user gives each user all rows") {
    // Goal: own places, own end. Method: two users, one of which asks twice as often.
    FedRun fed;
    const auto rows = range_feeder(1, 4, Feed::Unique, {.per_user = true});
    fed.with_users(2, 10, [&](User& user) {
        if (user.user_number() == 1) noting(rows)(user);
        noting(rows)(user);
    });
    CHECK(got[0] == Lines{"1", "2", "3", "4", "left"});
    CHECK(got[1] == Lines{"1", "2", "3", "4", "left"});
    CHECK(fed.run.log.size() == 1);
}

TEST_CASE("random rows come from the user's own numbers") {
    // Goal: a seed repeats a run. Method: the same twice; all rows are met.
    const auto once = [] {
        FedRun fed;
        const auto rows = range_feeder(1, 5, Feed::Random);
        fed.with_users(2, 50, noting(rows));
        return got;
    };
    const auto first = once();
    CHECK(first == once());
    CHECK(std::set<std::string>(first.at(0).begin(), first.at(0).end()).size() == 6);
    CHECK(first.at(0) != first.at(1));
}

TEST_CASE("a generator is asked once for each number") {
    // Goal: made-up data without a file, each once.
    FedRun fed;
    const auto made = generator_feeder([](std::int64_t n) { return Fields{{"value", n * n}}; });
    fed.with_users(1, 3.5, noting(made));
    CHECK(got[0] == Lines{"0", "1", "4", "9", "left"});
}

TEST_CASE("files are opened when the test starts, and again for the next test") {
    // Goal: unique rows begin anew, a file may have changed. Method: two opens of one file, whose
    // path starts at the file that declared it.
    std::string name = (fs::temp_directory_path() / "cicada-feed-XXXXXX").string();
    const fs::path folder = ::mkdtemp(name.data());
    std::ofstream(folder / "rows.jsonl") << "{\"value\": \"a\"}\n";
    user::registry().clear();
    user::registry().begin_file(folder / "test.cpp");
    const auto declared = detail::Place::current();
    const auto rows = json_feeder("rows.jsonl", Feed::Unique, {}, declared);
    user::registry().end_file();

    CHECK_THROWS_WITH_AS((void)rows.next(),
                         "rows.jsonl: there are rows from test_start on, when the file is opened",
                         std::logic_error);
    CHECK(user::open_feeders(user::registry(), "/elsewhere").empty());
    CHECK(rows.next()["value"] == "a");
    CHECK_THROWS_WITH_AS(
        (void)rows.next(), "rows.jsonl: each of the 1 rows has been used", std::out_of_range);
    std::ofstream(folder / "rows.jsonl", std::ios::app) << "{\"value\": \"b\"}\n";
    CHECK(user::open_feeders(user::registry(), "/elsewhere").empty());
    CHECK(rows.next()["value"] == "a");
    CHECK(rows.next()["value"] == "b");
    std::ofstream(folder / "rows.jsonl", std::ios::app) << "b\n";
    const Lines complaints = user::open_feeders(user::registry(), "/elsewhere");
    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0] == base::shown(declared) + ": rows.jsonl:3: this is not JSON");
    CHECK_THROWS_AS((void)rows.next(), std::logic_error);
    fs::remove_all(folder);
    user::registry().clear();
}

TEST_CASE("a row names the columns it has") {
    // Goal: a misspelt column is found at once.
    const FeedRow row(Fields{{"username", "ellen"}, {"password", "x"}});
    CHECK(row["username"] == "ellen");
    CHECK(row.has("password"));
    CHECK_FALSE(row.has("pasword"));
    CHECK_THROWS_WITH_AS((void)row["pasword"],
                         "a row has no column \"pasword\"; it has username, password",
                         std::out_of_range);
    CHECK_THROWS_WITH((void)FeedRow(Fields{})["a"], "a row has no column \"a\"; it has none");
}

TEST_CASE("what is wrong about a feeder is noted") {
    // Goal: complaints after loading, and none for what is right.
    user::registry().clear();
    range_feeder(5, 1, Feed::Circular);
    csv_feeder("", Feed::Unique);
    csv_feeder("a.csv", Feed::Random, {.at_end = AtEnd::StopRun});
    csv_feeder("b.csv", Feed::Unique, {.at_end = AtEnd::StopRun, .separator = '\n'});
    csv_feeder("c.csv", Feed::Unique, {.at_end = AtEnd::Recycle, .separator = '\t'});
    Lines found;
    for (const std::string& line : user::registry().check()) {
        found.push_back(line.substr(line.find(": ") + 2));
    }
    CHECK(found == Lines{
                       "range_feeder(5, 1): the first number is the smallest",
                       "a feeder's path is empty",
                       "a.csv: .at_end is for Feed::Unique; the others have no end",
                       "b.csv: a quote or the end of a line cannot be the .separator",
                   });
    user::registry().seal();
    CHECK_THROWS_AS(range_feeder(1, 2, Feed::Circular), std::logic_error);
    user::registry().clear();
    const auto alone = range_feeder(1, 2, Feed::Circular, {.per_user = true});
    REQUIRE(user::open_feeders(user::registry(), ".").empty());
    CHECK_THROWS_WITH((void)alone.next(),
                      "range_feeder(1, 2): it is .per_user, so that only users may ask: in tasks "
                      "and on_start");
    user::registry().clear();
}
