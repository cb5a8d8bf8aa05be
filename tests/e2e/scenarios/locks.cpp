// SPDX-License-Identifier: Apache-2.0
// Users that hold an ordinary lock over a request; with $LOCKS: for 900 ms.
#include <cicada/cicada.hpp>
#include <cstdlib>
#include <mutex>
using namespace cicada;

static std::mutex till;
static bool inside = false;

class Cashier : public HttpUser {
public:
    void pay() {
        const std::lock_guard<std::mutex> lock(till);
        if (inside) log::error("two at the till");
        inside = true;
        client.get("/items");
        if (std::getenv("LOCKS") != nullptr) sleep(900ms);
        inside = false;
    }
};
static const auto cashiers = users<Cashier>().task<&Cashier::pay>();
