// SPDX-License-Identifier: Apache-2.0
#include "cluster/refusals.hpp"

#include <doctest/doctest.h>

namespace cicada::cluster {

TEST_CASE("a host that is refused again and again is told of once a minute") {
    // Goal: no flood of lines, and no refusal that is never counted. Method: times by hand.
    Refusals refusals;
    const base::TimePoint start{};
    using namespace std::chrono_literals;
    CHECK(refusals.add("10.0.0.1", "why", start) == "refused a connection from 10.0.0.1: why");
    CHECK_FALSE(refusals.add("10.0.0.1", "why", start + 1s).has_value());
    CHECK_FALSE(refusals.add("10.0.0.1", "why", start + 59s).has_value());
    CHECK(refusals.add("10.0.0.2", "why", start + 2s) == "refused a connection from 10.0.0.2: why");
    CHECK(refusals.add("10.0.0.1", "why", start + 60s) ==
          "refused 3 connections from 10.0.0.1 in a minute: why");
    CHECK(refusals.add("10.0.0.1", "why", start + 200s) ==
          "refused a connection from 10.0.0.1: why");
}

TEST_CASE("beyond a number of hosts they are told of together") {
    Refusals refusals;
    const base::TimePoint now{};
    for (std::size_t i = 0; i < Refusals::kMostHosts; ++i) {
        CHECK(refusals.add(std::to_string(i), "why", now).has_value());
    }
    CHECK(refusals.add("next", "why", now) == "refused a connection from many hosts: why");
    CHECK_FALSE(refusals.add("another", "why", now).has_value());
}

}  // namespace cicada::cluster
