// SPDX-License-Identifier: Apache-2.0
// Each user does 20 things that it chooses by chance.
#include <cicada/cicada.hpp>
using namespace cicada;

class Buyer : public HttpUser {
public:
    void look() { client.get("/"); }
    void item() {
        client.get("/items/" + std::to_string(random_int(1, 100)), {.name = "/items/[id]"});
    }
};
class Looker : public HttpUser {
public:
    void look() { client.get("/"); }
};

static const auto buyers = users<Buyer>()
                               .weight(2)
                               .wait_time(constant(5ms))
                               .iterations_per_user(20)
                               .task<&Buyer::look>({.weight = 3})
                               .task<&Buyer::item>();
static const auto lookers =
    users<Looker>().wait_time(constant(5ms)).iterations_per_user(20).task<&Looker::look>();
