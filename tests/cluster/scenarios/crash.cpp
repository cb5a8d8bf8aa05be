// SPDX-License-Identifier: Apache-2.0
#include <cicada/cicada.hpp>
using namespace cicada;

class Fragile : public HttpUser {
public:
    void browse() { client.get("/"); }
    void crash() {
        client.get("/items/1");
        volatile int* volatile nowhere = nullptr;
        *nowhere = 1;
    }
};
static const auto fragile = users<Fragile>()
                                .wait_time(constant(20ms))
                                .task<&Fragile::browse>({.weight = 5})
                                .task<&Fragile::crash>();
