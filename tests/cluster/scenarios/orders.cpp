// SPDX-License-Identifier: Apache-2.0
// $ORDERS orders in the whole test, each one request; then the test is complete.
#include <cicada/cicada.hpp>
#include <cstdlib>
using namespace cicada;

class Buyer : public HttpUser {
public:
    void order() { client.get("/items/1", {.name = "order"}); }
};

static const auto buyers = users<Buyer>()
                               .wait_time(constant(100ms))
                               .task<&Buyer::order>({.limit = std::atoll(std::getenv("ORDERS"))});
