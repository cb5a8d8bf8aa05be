// SPDX-License-Identifier: Apache-2.0
// A user that logs in, browses with short waits, and logs out.
#include <cicada/cicada.hpp>
using namespace cicada;

class Shopper : public HttpUser {
public:
    void on_start() override {
        client.post("/login", form({{"username", "ellen_key"}, {"password", "education"}}));
    }
    void on_stop() override { client.post("/logout"); }

    void index() { client.get("/"); }
    void item() { client.get("/items/42", {.name = "/items/[id]"}); }
    void profile() { client.get("/profile"); }
};

static const auto shoppers = users<Shopper>()
                                 .wait_time(between(10ms, 30ms))
                                 .task<&Shopper::index>({.weight = 3})
                                 .task<&Shopper::item>()
                                 .task<&Shopper::profile>();
