// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cicada/arrivals.hpp>
#include <cicada/control.hpp>
#include <cicada/measure.hpp>
#include <string>
#include <vector>

#include "run/test_engine.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

struct Sales {
    int orders = 0;
    int on_starts = 0;
    int on_stops = 0;
    double order_seconds = 0.01;
    std::vector<ArrivalProgress> progress;
};
Sales* sales = nullptr;

class Buyer : public User {
public:
    void on_start() override { ++sales->on_starts; }
    void on_stop() override { ++sales->on_stops; }
    void order() {
        measure("call", "order", [] { wait(sales->order_seconds); });
        ++sales->orders;
    }
    void leave() {
        ++sales->orders;
        stop_user();
    }
};

Look keep_progress(Sales& kept) {
    return [&kept](RunMachine& machine, const Moment& now) {
        kept.progress = machine.snapshot(now).arrivals;
    };
}

double simulate_alone(Sales& kept) {
    Life nobody;
    return simulate_declared(nobody, {}, {}, {}, keep_progress(kept));
}

TEST_CASE("a test of arrivals alone runs until its time is over") {
    // Goal: -u means nothing, users come with the arrivals, on_start once each; figures in the
    // snapshot. Method: 100 per second for 5 s of virtual time.
    Sales kept;
    sales = &kept;
    user::registry().clear();
    arrivals<Buyer>(100).task<&Buyer::order>();
    Life nobody;
    const double took = simulate_declared(
        nobody, {.users = 1000, .spawn_rate = 1000, .run_time = 5s}, {}, {}, keep_progress(kept));
    CHECK(took == doctest::Approx(5).epsilon(0.01));
    CHECK(kept.orders >= 499);
    CHECK(kept.orders <= 501);
    CHECK(kept.on_starts <= 2);
    CHECK(kept.on_stops == kept.on_starts);
    REQUIRE(kept.progress.size() == 1);
    CHECK(kept.progress[0].name == "Buyer");
    CHECK(kept.progress[0].done == static_cast<std::uint64_t>(kept.orders));
    CHECK(kept.progress[0].waiting() == 0);
}

TEST_CASE("a limited number of arrivals completes the test by itself") {
    // Goal: exactly N, then on_stop of all, then the end; other users of the test go first.
    // Method: 200 arrivals, by fresh users and by a pool, with users of a closed model beside.
    for (const bool fresh : {false, true}) {
        CAPTURE(fresh);
        Sales kept;
        sales = &kept;
        user::registry().clear();
        auto buyers = arrivals<Buyer>(poisson(100)).iterations(200).max_users(7);
        buyers.task<&Buyer::order>();
        if (fresh) buyers.fresh();
        const double took = simulate_alone(kept);
        CHECK(took > 1);
        CHECK(took < 4);
        CHECK(kept.orders == 200);
        CHECK(kept.on_starts == kept.on_stops);
        if (fresh) CHECK(kept.on_starts == 200);
    }
}

TEST_CASE("a user that stops itself costs its pool a user and no arrival") {
    // Goal: stop_user() in an arrival. Method: each order stops its user.
    Sales kept;
    sales = &kept;
    user::registry().clear();
    arrivals<Buyer>(50).iterations(100).task<&Buyer::leave>();
    simulate_alone(kept);
    CHECK(kept.orders == 100);
    CHECK(kept.on_starts == 100);
    CHECK(kept.on_stops == 100);
}

TEST_CASE("limits end a pool and the test") {
    // Goal: exactly N executions, whoever asks; then no arrival is planned any more, the users go
    // home and the test ends by itself. Method: .limit on the only task, many users, two plans.
    for (const WhenFull when_full : {WhenFull::Delay, WhenFull::Drop}) {
        Sales kept;
        kept.order_seconds = 0.15;
        sales = &kept;
        user::registry().clear();
        arrivals<Buyer>(100).max_users(5, when_full).task<&Buyer::order>({.limit = 40});
        const double took = simulate_alone(kept);
        CHECK(took < 5);
        CHECK(kept.orders == 40);
        CHECK(kept.on_starts == kept.on_stops);
        CHECK(kept.on_starts == 5);  // nobody comes for what is over
        REQUIRE(kept.progress.size() == 1);
        CHECK(kept.progress[0].begun == 40);
        CHECK_FALSE(kept.progress[0].more_to_come);
        CHECK(kept.progress[0].waiting() == 0);
        CHECK(kept.progress[0].users == 0);
    }
}

TEST_CASE("an arrival goes to a user that has something left") {
    // Goal: limits of each user cost the pool users and no arrival. Method: two orders for each
    // user, 100 arrivals.
    Sales kept;
    sales = &kept;
    user::registry().clear();
    arrivals<Buyer>(50).iterations(100).task<&Buyer::order>({.limit_per_user = 2});
    simulate_alone(kept);
    CHECK(kept.orders == 100);
    CHECK(kept.on_starts == 50);
    CHECK(kept.on_stops == 50);
    REQUIRE(kept.progress.size() == 1);
    CHECK(kept.progress[0].begun == 100);
}

TEST_CASE("the stop timeout holds for arrivals under way") {
    // Goal: what runs may finish, what waits for a user does not begin any more. Method: orders of
    // 2 s, two users, stopped after 3 s.
    Sales kept;
    kept.order_seconds = 2;
    sales = &kept;
    user::registry().clear();
    arrivals<Buyer>(10).max_users(2).task<&Buyer::order>();
    Life nobody;
    const double took = simulate_declared(
        nobody, {.run_time = 3s}, {.stop = {.stop_timeout = 60s}}, {}, keep_progress(kept));
    CHECK(took == doctest::Approx(4.1).epsilon(0.05));
    CHECK(kept.orders == 4);
    REQUIRE(kept.progress.size() == 1);
    CHECK(kept.progress[0].begun == 4);
    CHECK(kept.progress[0].done == 4);
    CHECK(kept.progress[0].dropped == kept.progress[0].planned - 4);
}

TEST_CASE("users and arrivals share a test") {
    // Goal: -u and the ramp-down concern users<> alone. Method: three actors, down to one.
    Sales kept;
    sales = &kept;
    Life actors;
    actors.task = [] { wait(0.1); };
    user::registry().clear();
    users<Actor>().task<&Actor::act>();
    arrivals<Buyer>(10).task<&Buyer::order>();
    bool changed = false;
    simulate_declared(actors,
                      {.users = 3, .spawn_rate = 100, .run_time = 4s},
                      {},
                      {},
                      [&](RunMachine& machine, const Moment& now) {
                          const Snapshot snapshot = machine.snapshot(now);
                          if (actors.seconds() > 1 && actors.seconds() < 1.5) {
                              CHECK(snapshot.user_class_counts.at("Actor") == 3);
                              CHECK(snapshot.user_class_counts.at("Buyer") == 1);
                          }
                          if (changed || actors.seconds() < 2) return;
                          changed = true;
                          REQUIRE(machine.start({.users = 1, .spawn_rate = 100}, now));
                      });
    CHECK(actors.started.size() == 3);
    CHECK(kept.orders >= 39);
    CHECK(kept.on_starts == 1);
}

TEST_CASE("a pause holds users between their tasks") {
    // Goal: no task begins meanwhile, of users and of arrivals; then all go on.
    // Method: paused from 1 s to 11 s; count what has begun before and after.
    Sales kept;
    sales = &kept;
    Life actors;
    std::vector<double> begun;
    actors.task = [&] {
        begun.push_back(actors.seconds());
        wait(0.1);
    };
    user::registry().clear();
    users<Actor>().task<&Actor::act>();
    arrivals<Buyer>(10).task<&Buyer::order>();
    int step = 0;
    int orders_in_pause = 0;
    const double took = simulate_declared(actors,
                                          {.users = 2, .spawn_rate = 100, .run_time = 3s},
                                          {},
                                          {},
                                          [&](RunMachine& machine, const Moment& now) {
                                              if (step == 0 && actors.seconds() >= 1) {
                                                  machine.pause(now);
                                                  ++step;
                                              } else if (step == 1 && actors.seconds() >= 2) {
                                                  orders_in_pause = kept.orders;
                                                  ++step;
                                              } else if (step == 2 && actors.seconds() >= 11) {
                                                  CHECK(kept.orders == orders_in_pause);
                                                  machine.resume(now);
                                                  ++step;
                                              }
                                          });
    CHECK(took == doctest::Approx(3).epsilon(0.01));
    for (const double at : begun) CHECK((at < 1.01 || at > 10.99));
    CHECK(begun.size() >= 58);
    CHECK(kept.orders >= 29);
    CHECK(kept.orders <= 31);
}

TEST_CASE("a paused test can be stopped at once") {
    // Goal: who waits at the gate ends like any waiting user. Method: pause, then the stop.
    Life actors;
    actors.task = [] { wait(0.1); };
    int step = 0;
    simulate(actors,
             {.users = 5, .spawn_rate = 100},
             {60s},
             [&](RunMachine& machine, const Moment& now) {
                 if (step == 0 && actors.seconds() >= 1) {
                     machine.pause(now);
                     ++step;
                 } else if (step == 1 && actors.seconds() >= 5) {
                     machine.quit(now);
                     ++step;
                 }
             });
    REQUIRE(actors.stopped.size() == 5);
    for (const auto& [number, seconds] : actors.stopped) CHECK(seconds < 5.1);
}

}  // namespace
}  // namespace cicada::run
