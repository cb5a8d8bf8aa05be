// SPDX-License-Identifier: Apache-2.0
#include "report/limit_report.hpp"

#include <doctest/doctest.h>

namespace cicada::report {
namespace {

using user::LimitKind;

TEST_CASE("the final report says of each limit how much of it was used") {
    // Goal: reached or not, and what was cut off, in one line each. Method: one of each kind.
    CHECK(limit_report({}).empty());
    const Lines lines = limit_report({
        {.name = "all tasks", .kind = LimitKind::Iterations, .total = 5000, .done = 4012},
        {.name = "Shopper.buy", .kind = LimitKind::Executions, .total = 1000, .done = 1000},
        {.name = "Shopper.pay", .kind = LimitKind::Requests, .total = 50, .done = 50, .cut_off = 2},
        {.name = "Shopper.ping", .kind = LimitKind::ExecutionsPerUser, .total = 5, .done = 185},
        {.name = "Shopper", .kind = LimitKind::IterationsPerUser, .total = 7, .done = 1300},
    });
    CHECK(lines == Lines{"Limits",
                         "  all tasks     4,012/5,000 iterations: 988 not used",
                         "  Shopper.buy   1,000/1,000 executions: reached",
                         "  Shopper.pay   50/50 requests, 2 of them cut off: reached",
                         "  Shopper.ping  185 executions, 5 for each user",
                         "  Shopper       1,300 iterations, 7 for each user"});
}

TEST_CASE("what lost workers leave uncertain of a limit is said beside it") {
    // Goal: N - u ... N, and N ... N + u where tickets were lent again. Method: one of each.
    const Lines lines = limit_report({
        {.name = "a", .kind = LimitKind::Executions, .total = 1000, .done = 988, .uncertain = 12},
        {.name = "b", .kind = LimitKind::Executions, .total = 1000, .done = 1000, .beyond = 7},
    });
    CHECK(lines ==
          Lines{"Limits",
                "  a  988/1,000 executions: 12 not used; 988 \u2026 1,000 were done, as "
                "workers were lost",
                "  b  1,000/1,000 executions: reached; up to 7 beyond it, as their tickets "
                "were lent again"});
}

}  // namespace
}  // namespace cicada::report
