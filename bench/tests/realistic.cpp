// SPDX-License-Identifier: Apache-2.0
// What a test of an API does: many paths under one name, JSON that is read, cookies, some writes.
#include <cicada/cicada.hpp>
using namespace cicada;

class Buyer : public HttpUser {
public:
    void look() {
        auto item =
            client.get("/item/" + std::to_string(random_int(1, 10'000)), {.name = "/item/[id]"});
        if (item.json()["stock"] < 1) item.fail("sold out");
    }
    void order() {
        client.post("/item/" + std::to_string(random_int(1, 10'000)),
                    json_body({{"quantity", 1}}),
                    {.name = "/item/[id]"});
    }
};

static const auto buyers = users<Buyer>().task<&Buyer::look>({.weight = 9}).task<&Buyer::order>();
