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

}  // namespace
}  // namespace cicada::report
