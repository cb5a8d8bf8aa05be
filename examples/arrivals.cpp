// SPDX-License-Identifier: Apache-2.0
// Orders that come at a rate of their own, however long the shop takes for each: 50 per second
// after two seconds, at random moments, and some regular visitors beside them.
//
//     cicada -f examples/arrivals.cpp --host http://127.0.0.1:8000 -u 5 -t 8s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class Buyer : public HttpUser {
public:
    void on_start() override {
        client.post("/login", form({{"username", "ellen_key"}, {"password", "education"}}));
    }
    void order() {
        client.post("/cart", json_body({{"item", 1}}), {.name = "add to cart"});
        client.post("/checkout");
    }
};

class Visitor : public HttpUser {
public:
    void look() { client.get("/items"); }
};

static const auto orders = arrivals<Buyer>(poisson(ramp(0, 50).over(2s)))
                               .max_users(100, WhenFull::Delay)
                               .task<&Buyer::order>();

static const auto visitors = users<Visitor>().wait_time(constant(500ms)).task<&Visitor::look>();
