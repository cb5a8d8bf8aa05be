// SPDX-License-Identifier: Apache-2.0
// A user that has done some work, JSON and a caught exception among it, and then waits with its
// connection open.
#include <cicada/cicada.hpp>
#include <stdexcept>
using namespace cicada;

class Idle : public HttpUser {
public:
    void on_start() override {
        auto item = client.get("/item/1");
        if (item.json()["stock"] < 1) item.fail("sold out");
        try {
            throw std::runtime_error("caught");
        } catch (const std::exception&) {
        }
    }
    void wait() { sleep(1h); }
};

static const auto idle = users<Idle>().task<&Idle::wait>();
