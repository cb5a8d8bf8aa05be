// SPDX-License-Identifier: Apache-2.0
// Try a test out without the shop: eight hours of it, in virtual time, against answers made up here.
//
//     cicada -f examples/dry_run --dry-run=tasks -u 200 -r 1 -t 8h
//
// Will 200 customers do for the 20,000 orders of the day? Do the thresholds say what they should?
// Without --dry-run=tasks the same test runs against a shop, and nobody asks on_dry_run().
#include <cicada/cicada.hpp>
using namespace cicada;

class Customer : public HttpUser {
public:
    void browse() { client.get("/items/" + std::to_string(random_int(1, 50)), {.name = "/items/[id]"}); }
    void order() {
        auto cart = client.post("/cart", form({{"item", "42"}}));
        if (cart.json()["count"] < 1) cart.fail("the cart is empty");
        client.post("/checkout");
    }
};

static const auto customers = users<Customer>()
                                  .wait_time(between(20s, 60s))
                                  .task<&Customer::browse>({.weight = 3})
                                  .task<&Customer::order>({.limit = 20'000});

static const auto goals = thresholds({"POST /checkout: p95 < 500ms", "fail_ratio < 1%"});

static const auto shop = on_dry_run([](const DryRunRequest& request) -> DryRunAnswer {
    if (request.path == "/cart") return {.body = R"({"count": 1})", .latency = 40ms};
    if (request.path == "/checkout") {
        if (random_fraction() < 0.005) return {.status = 503, .latency = 1s};
        return {.status = 201, .latency = std::chrono::milliseconds(random_int(100, 400))};
    }
    return {.body = "{}", .latency = 20ms};
});
