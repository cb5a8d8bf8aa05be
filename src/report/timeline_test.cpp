// SPDX-License-Identifier: Apache-2.0
#include "report/timeline.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cicada::report {
namespace {

using namespace std::chrono_literals;

std::string joined(const Lines& lines) {
    std::string text = "\n";
    for (const std::string& line : lines) {
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

TEST_CASE("a dry run is a table over time, and what it comes to") {
    // Goal: all there is to see. Method: golden text of two classes, one pool and stages; and the
    // other endings.
    run::DryRun run;
    run.classes = {"Admin", "Shopper"};
    run.pools = {{.name = "Buyer", .planned = 4200, .highest_rate = 50, .max_users = 1000}};
    run.points = {{0s, 10, {1, 9}, {0.0}, "stage 1 of 2"},
                  {30s, 1000, {100, 900}, {25.0}, "stage 1 of 2"},
                  {90s, 500, {50, 450}, {50.0}, "stage 2 of 2"}};
    run.duration = 90s;
    run.has_end = true;
    run.most_users = 1000;
    run.most_users_at = 29500ms;
    CHECK(joined(timeline(run)) == R"(
      time    users                                    Admin  Shopper  Buyer/s
        0s       10                                        1        9      0.0  stage 1 of 2
       30s    1,000  ##############################      100      900     25.0  stage 1 of 2
     1m30s      500  ###############                      50      450     50.0  stage 2 of 2

End:       after 1m30s
Users:     at most 1,000, from 29s500ms on
Arrivals:  Buyer: 4,200 in 1m30s, up to 50.0 per second, by at most 1,000 users
)");
    run.has_end = false;
    CHECK(joined(timeline(run)).find("\nEnd:       none; nothing changes after 1m30s\n") !=
          std::string::npos);
    run.given_up = "load shape Steps: the spawn rate is 0, but has to be above 0";
    CHECK(joined(timeline(run))
              .find("\nGiven up:  after 1m30s: load shape Steps: the spawn rate "
                    "is 0, but has to be above 0\n") != std::string::npos);
}

TEST_CASE("a run of the tasks shows its answers and limits over time") {
    // Goal: known limits as columns, all of them below, with what is known. Method: golden text.
    run::DryRun run;
    run.classes = {"Shopper"};
    run.pools = {
        {.name = "Buyer", .planned = 300, .highest_rate = 5, .max_users = 50, .most_users = 3}};
    run.limits = {
        {.end = {.name = "Shopper.pay", .total = 1000, .done = 1000}, .reached_at = 42s},
        {.end = {.name = "Shopper.pay",
                 .kind = user::LimitKind::Requests,
                 .total = 5000,
                 .done = 1200}},
        {.end = {.name = "Shopper", .kind = user::LimitKind::IterationsPerUser, .total = 7},
         .is_known = false}};
    run.points = {{.at = 0s,
                   .users = 1,
                   .of_class = {1},
                   .rates = {0.0},
                   .limits = {0, 0, 0},
                   .answers_per_s = 0},
                  {.at = 60s,
                   .users = 2,
                   .of_class = {2},
                   .rates = {5.0},
                   .limits = {1000, 1200, 0},
                   .answers_per_s = 23.5}};
    run.duration = 60s;
    run.has_end = true;
    run.most_users = 2;
    run.cut_short = true;
    CHECK(joined(timeline(run)).find("\nEnd:       ended early, after 1m\n") != std::string::npos);
    run.cut_short = false;
    CHECK(joined(timeline(run)) == R"(
      time    users                                  Buyer/s  answers/s  Shopper.pay  Shopper.pay req
        0s        1  ###############                     0.0        0.0            0                0
        1m        2  ##############################      5.0       23.5        1,000            1,200

End:       after 1m
Users:     at most 2, from 0s on
Arrivals:  Buyer: 300 in 1m, up to 5.0 per second, by 3 users, at most 50
Limit:     Shopper.pay: 1,000 executions, reached after 42s
Limit:     Shopper.pay: 1,200/5,000 requests by the end
Limit:     Shopper: 7 iterations for each user; when it is reached depends on the target
)");
}

}  // namespace
}  // namespace cicada::report
