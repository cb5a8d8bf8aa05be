// SPDX-License-Identifier: Apache-2.0
// Goal: the limit of the whole test may be another one in each test, and always stands first.
// Method: an office without classes, asked for what is shared.
#include "user/ticket_office.hpp"

#include <doctest/doctest.h>

namespace cicada::user {
namespace {

std::vector<std::int64_t> totals(const TicketOffice& office) {
    std::vector<std::int64_t> totals;
    for (const TicketOffice::Shared& one : office.shared()) totals.push_back(one.total);
    return totals;
}

TEST_CASE("a master's word on iterations takes the place of the worker's own") {
    TicketOffice office;
    office.open({}, 5);
    CHECK(totals(office) == std::vector<std::int64_t>{5});
    office.set_iterations(7);
    office.begin_test();
    CHECK(totals(office) == std::vector<std::int64_t>{7});
    REQUIRE(office.whole_test() != nullptr);
    office.set_iterations(std::nullopt);
    office.begin_test();
    CHECK(totals(office).empty());
    CHECK(office.whole_test() == nullptr);
    CHECK(!office.limited());
    office.set_iterations(3);
    office.begin_test();
    CHECK(office.limited());
    CHECK(office.progress().front().total == 3);
}

}  // namespace
}  // namespace cicada::user
