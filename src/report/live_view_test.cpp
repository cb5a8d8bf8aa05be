// SPDX-License-Identifier: Apache-2.0
#include "report/live_view.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "report/fake_run_test.hpp"
#include "report/text.hpp"

namespace cicada::report {
namespace {

using namespace std::chrono_literals;

std::string joined(const std::vector<DrawnLine>& lines) {
    std::string text = "\n";
    for (const DrawnLine& line : lines) text += line.text + "\n";
    return text;
}

TEST_CASE("the live display shows progress, rates, each name, errors and the generator's part") {
    // Goal: the whole picture. Method: golden text without colours.
    std::vector<TestRequest> requests;
    for (int second = 0; second < 6; ++second) {
        for (int i = 0; i <= second; ++i) {
            requests.push_back({"GET", "/items/[id]", 2.9, i == 4 ? "boom" : "", second + 0.1});
        }
        requests.push_back({"POST", "/cart", 0.229, "", second + 0.2});
    }
    const run::Snapshot snapshot = snapshot_of(totals_of(requests));
    const LiveStyle style{.columns = 104, .rows = 30, .colours = false, .utf8 = true};
    CHECK(joined(live_view(snapshot, kTestStart + 7s, style)) == R"(

 cicada http://127.0.0.1:8080                                                 5 of 10 users   ● running
 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  7 s of 15 s
 5.0 requests/s ▃▄▅▆▇█   27 requests   2 failed (7.41%)

 type   name                        requests   failed             p50     p95     p99     max     per s
 POST   /cart                              6        -           0.229   0.229   0.229   0.229       1.0
 GET    /items/[id]                       21        2   9.52%    2.90    2.90    2.90    2.90       4.0
        Aggregated                        27        2   7.41%    2.90    2.90    2.90    2.90       5.0

 times of the last 10 s, in ms; generator: 0% busy, p99 of its own share 0.006 ms
 2 × GET /items/[id]: boom
)");
}

TEST_CASE("there is no rate before there is a whole second") {
    // Goal: never 0.0 while requests are made. Method: golden lines at the start and later.
    const run::Snapshot snapshot = snapshot_of(totals_of({{"GET", "/", 1, "", 1.5}}));
    const LiveStyle style{.columns = 60, .rows = 30, .colours = false, .utf8 = false};
    const auto at = [&](std::chrono::milliseconds time) {
        return joined(live_view(snapshot, kTestStart + time, style));
    };
    CHECK(at(900ms).find(" - requests/s   1 requests ") != std::string::npos);
    CHECK(at(2900ms).find(" - requests/s ") != std::string::npos);
    CHECK(at(2900ms).find("Aggregated") != std::string::npos);
    CHECK(at(3000ms).find(" 1.0 requests/s ") != std::string::npos);
}

TEST_CASE("the live display shows what decides on the load") {
    // Goal: stages, a pause, arrivals, and the keys where they work. Method: look for them.
    run::Snapshot snapshot = snapshot_of(totals_of({{"GET", "/", 1}}));
    snapshot.course = "stage 2 of 3";
    snapshot.paused = true;
    snapshot.user_count = 25;  // 20 of them are the arrivals'
    snapshot.arrivals = {{.name = "Buyer",
                          .planned = 1200,
                          .begun = 1190,
                          .delayed = 7,
                          .dropped = 4,
                          .users = 20,
                          .busy = 12}};
    LiveStyle style{.columns = 100, .rows = 30, .colours = false, .utf8 = false, .keys = true};
    const std::string text = joined(live_view(snapshot, kTestStart + 7s, style));
    CHECK(text.find("5 of 10 users, stage 2 of 3   * paused") != std::string::npos);
    CHECK(text.find(" Buyer: 1,200 arrivals planned, 12 of 20 users busy   7 delayed, 4 dropped, 6 "
                    "waiting") != std::string::npos);
    CHECK(text.find(" keys: w W s S for +1 +10 -1 -10 users, p to pause") != std::string::npos);
    style.page_key = true;
    CHECK(joined(live_view(snapshot, kTestStart + 7s, style))
              .find(" p to pause, Enter for the page") != std::string::npos);
    style.keys = false;
    CHECK(joined(live_view(snapshot, kTestStart + 7s, style)).find("keys:") == std::string::npos);
}

TEST_CASE("the live display shows how far limits are, and the time that is about left") {
    // Goal: those that are not reached first, and a bar that follows the limits when they end the
    // test before the run time does. Method: golden lines.
    run::Snapshot snapshot = snapshot_of(totals_of({{"GET", "/", 1}}));
    snapshot.progress = run::Progress{.part = 0.5, .time_left = 125s, .by_limits = true};
    snapshot.limits = {
        {"Shopper.pay", user::LimitKind::Requests, 50, 50, 0},
        {"Shopper.order", user::LimitKind::Executions, 1000, 612, 0},
        {"Shopper.ping", user::LimitKind::ExecutionsPerUser, 5, 185, 0},
    };
    const LiveStyle style{.columns = 60, .rows = 30, .colours = false, .utf8 = false};
    const std::string text = joined(live_view(snapshot, kTestStart + 7s, style));
    CHECK(text.find(" ################----------------  7 s, about 2:05 min left\n") !=
          std::string::npos);
    CHECK(text.find(" limit Shopper.order  612/1,000 executions\n"
                    " limit Shopper.ping   185 executions, 5 for each user\n"
                    " limit Shopper.pay    50/50 requests\n") != std::string::npos);

    for (int i = 0; i < 5; ++i) {
        snapshot.limits.push_back({"more", user::LimitKind::Executions, 9, 0, 0});
    }
    CHECK(joined(live_view(snapshot, kTestStart + 7s, style)).find(" and 4 other limits\n") !=
          std::string::npos);
}

TEST_CASE("the live display fits every terminal") {
    // Goal: never wider or higher than the terminal, whatever the names. Method: all sizes.
    std::vector<TestRequest> requests;
    for (int i = 0; i < 60; ++i) {
        requests.push_back(
            {"GET", "/" + std::string(static_cast<std::size_t>(3 * i), 'x'), 1, "bad"});
    }
    run::Snapshot snapshot = snapshot_of(totals_of(requests));
    snapshot.warnings = {std::string(300, 'w')};
    snapshot.progress = run::Progress{.part = 1.5, .time_left = 1h, .by_limits = true};
    for (int i = 0; i < 9; ++i) {
        snapshot.limits.push_back(
            {std::string(200, 'l'), user::LimitKind::Requests, 1'000'000, 1, 0});
    }
    for (std::size_t columns = 1; columns < 200; columns += 3) {
        for (std::size_t rows = 1; rows < 80; rows += 3) {
            CAPTURE(columns);
            CAPTURE(rows);
            const auto lines = live_view(
                snapshot, kTestStart + 1s, {.columns = columns, .rows = rows, .colours = false});
            CHECK(lines.size() <= std::max<std::size_t>(rows, 2) - 1);
            for (const DrawnLine& line : lines) {
                REQUIRE(line.columns <= std::max<std::size_t>(columns, 2) - 1);
                REQUIRE(line.columns == columns_of(line.text));
            }
        }
    }
}

TEST_CASE("of too many names those with the most requests are shown") {
    // Goal: the busy ones stay, sorted by name, and the rest is counted.
    std::vector<TestRequest> requests;
    for (int name = 0; name < 20; ++name) {
        for (int i = 0; i <= name % 10; ++i)
            requests.push_back({"GET", "/" + std::to_string(name)});
    }
    const std::string text = joined(live_view(snapshot_of(totals_of(requests)),
                                              kTestStart + 1s,
                                              {.columns = 80, .rows = 14, .colours = false}));
    CHECK(text.find("GET    /19 ") != std::string::npos);
    CHECK(text.find("GET    /9 ") != std::string::npos);
    CHECK(text.find("GET    /10 ") == std::string::npos);
    CHECK(text.find("and 17 more") != std::string::npos);
    CHECK(text.find("Aggregated") != std::string::npos);
}

TEST_CASE("colours mark failures, and plain ASCII is drawn where UTF-8 is not known") {
    // Goal: red only where something failed; no byte above 127 in a C locale.
    const run::Snapshot good = snapshot_of(totals_of({{"GET", "/", 1}}));
    const run::Snapshot bad = snapshot_of(totals_of({{"GET", "/", 1, "boom"}}));
    const std::string red = "\x1b[31m";
    CHECK(joined(live_view(good, kTestStart + 1s, {})).find(red) == std::string::npos);
    CHECK(joined(live_view(bad, kTestStart + 1s, {})).find(red) != std::string::npos);
    const std::string plain =
        joined(live_view(bad, kTestStart + 5s, {.colours = false, .utf8 = false}));
    CHECK(std::all_of(plain.begin(), plain.end(), [](char byte) { return byte > 0; }));
    CHECK(plain.find("####") != std::string::npos);
}

TEST_CASE("thresholds that are missed for good stand below the table, those undecided do not") {
    // Goal: while the test runs a person sees what will decide it. Method: one of each.
    run::Snapshot snapshot = snapshot_of(documented_totals());
    snapshot.thresholds = {{"p95 < 1ms", "1253 ms", 1253, "ms", false, false},
                           {"count > 1000", "10", 10, "", false, true},
                           {"p50 < 1s", "16 ms", 16, "ms", true, true}};
    const LiveStyle style{.columns = 104, .rows = 30, .colours = false, .utf8 = true};
    const std::string text = joined(live_view(snapshot, kTestStart + 7s, style));
    CHECK(text.find(" missed: p95 < 1ms (1253 ms)\n") != std::string::npos);
    CHECK(text.find("count > 1000") == std::string::npos);
    CHECK(text.find("p50 < 1s") == std::string::npos);
}

}  // namespace
}  // namespace cicada::report
