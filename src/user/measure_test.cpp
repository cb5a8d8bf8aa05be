// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cicada/client.hpp>
#include <cicada/control.hpp>
#include <cicada/fiber.hpp>
#include <cicada/measure.hpp>
#include <cicada/sync.hpp>
#include <stdexcept>
#include <vector>

#include "user/test_shop.hpp"

using namespace cicada;
using user::Lines;
using user::Shop;
using user::Visitor;

TEST_CASE("measure() records what it calls") {
    // Goal: any protocol. Method: sizes, a failure of its own, an exception, a timeout, stop_user.
    Shop shop;
    shop.visit_once([](Visitor&) {
        CHECK(measure("p", "size", [] { return 12U; }) == Verdict::Passed);
        measure("p", "nothing", [] {});
        CHECK(measure("p", "says", [](Measurement& m) { m.failure = "no"; }) == Verdict::Failed);
        CHECK(measure("p", "throws", [] { throw std::runtime_error("bad"); }) == Verdict::Failed);
        try {
            const Timeout limit(5ms);
            measure("p", "slow", [] { sleep(1h); });
            FAIL("the timeout has to pass on");
        } catch (const TimeoutExpired&) {
        }
        measure("p", "stops", [] { stop_user(); });
    });
    CHECK(shop.recorded() == Lines{"p size",
                                   "p nothing",
                                   "p says: no",
                                   "p throws: bad",
                                   "p slow: the timeout of 0.005 s has expired"});
}
