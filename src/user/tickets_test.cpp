// SPDX-License-Identifier: Apache-2.0
#include "user/tickets.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>

namespace cicada::user {
namespace {

TEST_CASE("no ticket is spent twice or lost, whatever happens to them in which order") {
    // Goal: granted - recalled = here + taken + used, and a supply that says what is true.
    // Method: a thousand random sequences of all operations against plain counts.
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        std::int64_t changes = 0;
        Tickets tickets([&changes] { ++changes; });
        std::int64_t granted = 0;
        std::int64_t taken = 0;
        std::int64_t used = 0;
        bool closed = false;
        for (int step = 0; step < 100; ++step) {
            const std::int64_t here = granted - taken - used;
            const std::int64_t changes_before = changes;
            switch (random() % 6) {
                case 0:
                    if (!closed) {
                        const auto count = static_cast<std::int64_t>(random() % 5);
                        tickets.grant(count);
                        granted += count;
                    }
                    break;
                case 1:
                    if (here > 0) {
                        tickets.take();
                        ++taken;
                    }
                    break;
                case 2:
                    if (taken > 0) {
                        tickets.use();
                        --taken;
                        ++used;
                    }
                    break;
                case 3:
                    if (taken > 0) {
                        tickets.give_back();
                        --taken;
                        CHECK((changes > changes_before) == (here == 0));
                    }
                    break;
                case 4: {
                    const auto most = static_cast<std::int64_t>(random() % 5);
                    const std::int64_t recalled = tickets.recall(most);
                    REQUIRE(recalled == std::min(most, here));
                    granted -= recalled;
                    break;
                }
                default:
                    if (random() % 20 == 0) {
                        tickets.close();
                        closed = true;
                    }
            }
            const std::int64_t left = granted - taken - used;
            REQUIRE(tickets.here() == left);
            REQUIRE(tickets.taken() == taken);
            REQUIRE(tickets.used() == used);
            const Supply supply = left > 0               ? Supply::Now
                                  : taken > 0 || !closed ? Supply::Later
                                                         : Supply::Never;
            REQUIRE(tickets.supply() == supply);
            const bool has_ended = supply == Supply::Never && here + left > 0;
            if (has_ended) CHECK(changes > changes_before);
        }
    }
}

TEST_CASE("an emptied stock can be filled for the next test") {
    // Goal: clear() leaves nothing of the test before. Method: spend all, clear, look.
    Tickets tickets([] {});
    tickets.grant(1);
    tickets.close();
    tickets.take();
    tickets.note_cut_off();
    tickets.use();
    CHECK(tickets.supply() == Supply::Never);
    tickets.clear();
    CHECK(tickets.supply() == Supply::Later);
    CHECK(tickets.used() == 0);
    CHECK(tickets.cut_off() == 0);
}

}  // namespace
}  // namespace cicada::user
