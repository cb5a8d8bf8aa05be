// SPDX-License-Identifier: Apache-2.0
// Fill a shop with exactly 1,000 orders, while visitors browse, and end when that is done.
//
//     cicada demo-server
//     cicada -f examples/limits -H http://localhost:8000 -u 50 -r 50 --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class Customer : public HttpUser {
public:
    void on_start() override {
        client.post("/login", form({{"username", "ellen_key"}, {"password", "education"}}));
    }
    void on_stop() override { client.post("/logout"); }

    void browse() { client.get("/items"); }

    void order() {
        client.post("/cart", form({{"item", "42"}}));
        client.post("/checkout");
    }

    void review() { client.get("/profile"); }
};

// When the 1,000th order has begun, `order` is no longer chosen; the orders that are under way
// finish. Each customer writes two reviews and looks around five times. Then it has nothing left,
// logs out and ends, and when the last one has ended, so does the run.
static const auto customers = users<Customer>()
                                  .wait_time(between(50ms, 150ms))
                                  .task<&Customer::order>({.weight = 3, .limit = 1000})
                                  .task<&Customer::review>({.limit_per_user = 2})
                                  .task<&Customer::browse>({.limit_per_user = 5});
