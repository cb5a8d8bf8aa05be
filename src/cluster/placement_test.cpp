// SPDX-License-Identifier: Apache-2.0
// Goal: users are dealt to nodes as Locust deals them, and when nodes come and go everybody ends up
// at home while nobody is ever in two places. Method: sequences recorded from Locust; then random
// schedules against nodes that only keep the set of users they were told to run.
#include "cluster/placement.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

namespace cicada::cluster {
namespace {

using Counts = std::vector<std::vector<std::int64_t>>;  ///< per node, per class

struct Ramp {
    std::int64_t target;
    double spawn_rate;
    std::vector<Counts> states;  ///< after each step
};

struct Vector {
    std::string name;
    std::vector<std::string> nodes;
    std::vector<run::ClassShare> classes;
    std::vector<Ramp> ramps;
};

// Recorded from Locust's UsersDispatcher.
const std::vector<Vector> kVectors = {
    {"3x3 ramp 9 @0.5",
     {"1", "2", "3"},
     {{"User1", 1, 0}, {"User2", 1, 0}, {"User3", 1, 0}},
     {{9,
       0.5,
       {{{1, 0, 0}, {0, 0, 0}, {0, 0, 0}},
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 0}},
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{2, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{2, 0, 0}, {0, 2, 0}, {0, 0, 1}},
        {{2, 0, 0}, {0, 2, 0}, {0, 0, 2}},
        {{3, 0, 0}, {0, 2, 0}, {0, 0, 2}},
        {{3, 0, 0}, {0, 3, 0}, {0, 0, 2}},
        {{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}}}}},
    {"3x3 ramp 9 @2",
     {"1", "2", "3"},
     {{"User1", 1, 0}, {"User2", 1, 0}, {"User3", 1, 0}},
     {{9,
       2,
       {{{1, 0, 0}, {0, 1, 0}, {0, 0, 0}},
        {{2, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{2, 0, 0}, {0, 2, 0}, {0, 0, 2}},
        {{3, 0, 0}, {0, 3, 0}, {0, 0, 2}},
        {{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}}}}},
    {"3x3 ramp 9 @2.4",
     {"1", "2", "3"},
     {{"User1", 1, 0}, {"User2", 1, 0}, {"User3", 1, 0}},
     {{9,
       2.4,
       {{{1, 0, 0}, {0, 1, 0}, {0, 0, 0}},
        {{2, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{2, 0, 0}, {0, 2, 0}, {0, 0, 2}},
        {{3, 0, 0}, {0, 3, 0}, {0, 0, 2}},
        {{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}}}}},
    {"up down up weighted",
     {"hostA_1", "hostB_1"},
     {{"A", 3, 0}, {"B", 1, 0}},
     {{10, 4, {{{2, 0}, {1, 1}}, {{4, 0}, {2, 2}}, {{5, 0}, {2, 3}}}},
      {4, 3, {{{4, 0}, {1, 2}}, {{2, 0}, {1, 1}}}},
      {6, 10, {{{3, 0}, {2, 1}}}},
      {6, 10, {{{3, 0}, {2, 1}}}}}},
    {"only fixed, target above sum",
     {"w1", "w2"},
     {{"F1", 1, 2}, {"F2", 1, 3}},
     {{9, 2, {{{0, 1}, {1, 0}}, {{0, 2}, {2, 0}}, {{0, 3}, {2, 0}}}}}},
};

Counts counts_of(const Placement& placement, std::size_t nodes, std::size_t classes) {
    Counts counts(nodes, std::vector<std::int64_t>(classes, 0));
    for (Placement::Slot slot = 0; slot < nodes; ++slot) {
        for (std::size_t index = 0; index < classes; ++index) {
            counts[slot][index] = placement.users(slot, index);
        }
    }
    return counts;
}

TEST_CASE("nodes of one host stand apart in the order of dealing") {
    CHECK(dealing_order(
              {"hostname2_a", "hostname1_b", "hostname1_a", "hostname2_b", "hostname3_a"}) ==
          std::vector<std::string>{
              "hostname1_a", "hostname2_a", "hostname3_a", "hostname1_b", "hostname2_b"});
}

TEST_CASE("users are dealt out as Locust does") {
    for (const Vector& vector : kVectors) {
        CAPTURE(vector.name);
        run::SpawnPlan plan(vector.classes);
        Placement placement(vector.classes.size());
        for (Placement::Slot slot = 0; slot < vector.nodes.size(); ++slot) {
            placement.join(slot, vector.nodes[slot]);
        }
        for (const Ramp& ramp : vector.ramps) {
            plan.aim(ramp.target, ramp.spawn_rate);
            for (const Counts& state : ramp.states) {
                const auto step = plan.next_step();
                REQUIRE(step);
                [[maybe_unused]] const auto shares = placement.deal(*step);
                CHECK(counts_of(placement, vector.nodes.size(), vector.classes.size()) == state);
            }
        }
        CHECK(placement.settled());
    }
}

/// Three classes that weigh the same, on nodes 1, 2, 3.
struct Three {
    Three() {
        for (Placement::Slot slot = 1; slot <= 3; ++slot) {
            if (slot != absent) placement.join(slot, std::to_string(slot));
        }
    }
    explicit Three(Placement::Slot without) : absent(without) {
        for (Placement::Slot slot = 1; slot <= 3; ++slot) {
            if (slot != absent) placement.join(slot, std::to_string(slot));
        }
    }
    void steps(int count) {
        for (; count > 0; --count) {
            [[maybe_unused]] const auto shares = placement.deal(plan.next_step().value());
        }
    }
    void move_all() {
        while (!placement.settled()) [[maybe_unused]]
            const auto shares = placement.move(1);
    }
    [[nodiscard]] std::vector<std::int64_t> of(Placement::Slot slot) const {
        return {placement.users(slot, 0), placement.users(slot, 1), placement.users(slot, 2)};
    }

    Placement::Slot absent = 0;
    run::SpawnPlan plan{{{"User1"}, {"User2"}, {"User3"}}};
    Placement placement{3};
};

using Users = std::vector<std::int64_t>;

TEST_CASE("after a node has gone the others have what Locust would give them") {
    Three three;
    three.plan.aim(9, 9);
    three.steps(1);
    three.placement.leave(2);
    CHECK(three.placement.nowhere() == 3);
    three.placement.rebalance();
    three.move_all();
    CHECK(three.of(1) == Users{2, 1, 2});
    CHECK(three.of(3) == Users{1, 2, 1});
    CHECK(three.placement.nowhere() == 0);
}

TEST_CASE("a node that comes in a ramp ends with what Locust would give it") {
    Three three(2);
    three.plan.aim(11, 3);
    three.steps(2);
    three.placement.join(2, "2");
    three.placement.rebalance();
    three.steps(2);
    three.move_all();
    CHECK(three.of(1) == Users{4, 0, 0});
    CHECK(three.of(2) == Users{0, 4, 0});
    CHECK(three.of(3) == Users{0, 0, 3});
}

TEST_CASE("a move brings no more users home than it may") {
    Placement placement(1);
    run::SpawnPlan plan({{"A"}});
    placement.join(0, "1");
    plan.aim(100, 100);
    CHECK(placement.deal(plan.next_step().value()).front().step.start.size() == 100);
    placement.join(1, "2");
    placement.rebalance();
    for (int round = 0; round < 2; ++round) {
        const auto shares = placement.move(20);
        REQUIRE(shares.size() == 2);
        CHECK(shares[0].slot == 0);
        CHECK(shares[0].step.stop.size() == 20);
        CHECK(shares[1].step.start.size() == 20);
    }
    CHECK(placement.users(0) == 60);
    CHECK(placement.move(20)[0].step.stop.size() == 10);
    CHECK(placement.settled());
    CHECK(placement.users(0) == 50);
    CHECK(placement.users(1) == 50);
}

TEST_CASE("a node that comes back keeps its users, but for those that are elsewhere or gone") {
    Placement placement(1);
    run::SpawnPlan plan({{"A"}});
    placement.join(0, "1");
    placement.join(1, "2");
    plan.aim(6, 6);
    [[maybe_unused]] auto shares = placement.deal(plan.next_step().value());  // 1: 0 2 4, 2: 1 3 5
    placement.leave(1);
    CHECK(placement.nowhere() == 3);
    SUBCASE("nobody has taken them") {
        CHECK(placement.come_back(1, "2").stop.empty());
        CHECK(placement.users(1) == 3);
        CHECK(placement.nowhere() == 0);
    }
    SUBCASE("some were started elsewhere, one is not wanted any more") {
        placement.rebalance();
        shares = placement.move(1);
        REQUIRE(shares.size() == 1);
        const std::int64_t moved = shares[0].step.start.front().number;
        plan.aim(5, 5);
        shares = placement.deal(plan.next_step().value());
        const run::SpawnStep excess = placement.come_back(1, "2");
        for (const std::int64_t number : excess.stop) {
            const bool expected = number == moved || number == 5;
            CHECK(expected);
        }
        CHECK(placement.nowhere() == 0);
    }
}

TEST_CASE("whatever comes and goes, a user is in one place and in the end at home") {
    for (unsigned seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const auto below = [&random](std::size_t limit) { return random() % limit; };
        Placement placement(2);
        run::SpawnPlan plan({{"A", 2}, {"B", 1}});
        std::map<Placement::Slot, std::set<std::int64_t>> runs;  ///< as the nodes have been told
        std::set<Placement::Slot> here;
        std::set<Placement::Slot> away;
        const auto obey = [&](const std::vector<Placement::Share>& shares) {
            for (const auto& share : shares) {
                REQUIRE(here.contains(share.slot));
                for (const std::int64_t number : share.step.stop) {
                    REQUIRE(runs[share.slot].erase(number) == 1);
                }
            }
            for (const auto& share : shares) {
                for (const run::PlannedUser& user : share.step.start) {
                    for (const Placement::Slot slot : here) {
                        REQUIRE(!runs[slot].contains(user.number));
                    }
                    runs[share.slot].insert(user.number);
                }
            }
        };
        const auto check = [&] {
            std::size_t placed = 0;
            for (const Placement::Slot slot : here) {
                REQUIRE(placement.users(slot) == static_cast<std::int64_t>(runs[slot].size()));
                placed += runs[slot].size();
            }
            REQUIRE(placement.nowhere() + static_cast<std::int64_t>(placed) == plan.planned());
        };
        plan.aim(0, 1);
        for (int step = 0; step < 200; ++step) {
            const auto slot = static_cast<Placement::Slot>(below(5));
            const std::string id = "host" + std::to_string(slot % 2) + "_" + std::to_string(slot);
            switch (below(6)) {
                case 0:
                    plan.aim(static_cast<std::int64_t>(below(40)),
                             1.0 + static_cast<double>(below(9)));
                    break;
                case 1:
                    if (const auto next = plan.next_step()) obey(placement.deal(*next));
                    break;
                case 2:
                    obey(placement.move(static_cast<std::int64_t>(below(4))));
                    break;
                case 3:
                    if (here.contains(slot)) {
                        placement.leave(slot);
                        here.erase(slot);
                        away.insert(slot);
                    } else if (away.contains(slot)) {
                        const run::SpawnStep excess = placement.come_back(slot, id);
                        for (const std::int64_t number : excess.stop) {
                            REQUIRE(runs[slot].erase(number) == 1);
                        }
                        away.erase(slot);
                        here.insert(slot);
                    } else {
                        placement.join(slot, id);
                        here.insert(slot);
                    }
                    break;
                case 4:
                    placement.rebalance();
                    break;
                default:
                    break;
            }
            check();
        }
        if (here.empty()) continue;
        placement.rebalance();
        while (!placement.settled()) obey(placement.move(3));
        check();
        REQUIRE(placement.nowhere() == 0);
        std::size_t fewest = SIZE_MAX;
        std::size_t most = 0;
        for (const Placement::Slot slot : here) {
            fewest = std::min(fewest, runs[slot].size());
            most = std::max(most, runs[slot].size());
        }
        CHECK(most - fewest <= 1);
    }
}

}  // namespace
}  // namespace cicada::cluster
