// SPDX-License-Identifier: Apache-2.0
// A morning in a shop, in declared stages: it opens, it is busy, there is a rush, it closes.
//
//     cicada demo-server &
//     cicada -f examples/stages.cpp --host http://127.0.0.1:8000 --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class Shopper : public HttpUser {
public:
    void look_around() { client.get("/items"); }
    void look_closely() {
        client.get("/items/" + std::to_string(random_int(1, 50)), {.name = "/items/[id]"});
    }
};

static const auto shoppers = users<Shopper>()
                                 .wait_time(between(200ms, 600ms))
                                 .task<&Shopper::look_around>({.weight = 2})
                                 .task<&Shopper::look_closely>();

static const auto morning = stages({
    {.duration = 3s, .users = 10, .spawn_rate = 5},   // the doors open
    {.duration = 3s, .users = 30, .spawn_rate = 20},  // a rush
    {.duration = 2s, .users = 10, .spawn_rate = 20},  // it is over
    {.duration = 1s, .users = 0, .spawn_rate = 20},   // closing time
});
