// SPDX-License-Identifier: Apache-2.0
#include "run/resources.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

namespace cicada::run {
namespace {

TEST_CASE("a plan that fits needs no announcement") {
    // Goal: silence when all is well, up to the last user.
    // Method: exactly as many descriptors and ports as needed.
    const Resources resources{100 + 20 + 32, 20, 1000, 1099};
    CHECK(shortages(resources, {.asked_for = 100}).empty());
    CHECK(shortages(resources, {.asked_for = 101}).size() == 2);
    CHECK(shortages(resources, {.asked_for = 40, .of_arrivals = 60}).empty());
    CHECK(shortages(resources, {.asked_for = 40, .of_arrivals = 61}).size() == 2);
}

TEST_CASE("a plan that needs too much is told with the arithmetic") {
    // Goal: the line names what is asked, what there is, which setting it is, and what will happen.
    // Method: 30,000 users on a small machine.
    const Resources resources{20'000, 10, 32'768, 60'999};
    CHECK(
        shortages(resources, {.asked_for = 30'000}) ==
        std::vector<std::string>{
            "30000 users with a connection each and 42 other descriptors need 30042, but this "
            "process may open 20000 (ulimit -n): from about 19958 users on, connections will fail",
            "30000 users with a connection each to one address need 30000 local ports, but there "
            "are 28232 (32768-60999, net.ipv4.ip_local_port_range): beyond, connections will "
            "fail unless the target has several addresses"});
}

TEST_CASE("users of arrivals are named as such") {
    // Goal: the person finds the number that is too high. Method: a large pool beside ten users.
    const Resources resources{1000, 10, 32'768, 60'999};
    const auto lines = shortages(resources, {.asked_for = 10, .of_arrivals = 5000});
    REQUIRE(lines.size() == 1);
    CHECK(
        lines[0].starts_with("5010 users, 5000 of them of arrivals (.max_users), with a connection "
                             "each and 42 other descriptors need 5052, but "));
}

TEST_CASE("claiming raises the soft limit of descriptors to the hard one") {
    // Goal: nobody has to type ulimit -n.
    // Method: lower the soft limit, claim, look.
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    const rlimit low{limit.rlim_max - 1, limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
    const Resources resources = claim_resources();
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(limit.rlim_cur == limit.rlim_max);
    CHECK(resources.descriptors_used >= 3);
    CHECK(resources.ports() > 1000);
}

}  // namespace
}  // namespace cicada::run
