// SPDX-License-Identifier: Apache-2.0
// Users that hold an ordinary lock over a request; $LOCKS=forever: the first keeps it.
#include <cicada/cicada.hpp>
#include <cstdlib>
#include <mutex>
using namespace cicada;

static std::mutex till;
static int inside = 0;

class Cashier : public HttpUser {
public:
    void pay() {
        const std::lock_guard<std::mutex> lock(till);
        if (++inside != 1) log::error("two at the till");
        client.get("/items");
        if (std::getenv("LOCKS") != nullptr) sleep(900ms);
        --inside;
    }
};
static const auto cashiers = users<Cashier>().task<&Cashier::pay>();
