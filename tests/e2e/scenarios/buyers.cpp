// SPDX-License-Identifier: Apache-2.0
// Arrivals, as BUYERS says.
#include <cicada/cicada.hpp>
#include <cstdlib>
#include <string>
using namespace cicada;

static std::string wanted() {
    const char* const value = std::getenv("BUYERS");
    return value == nullptr ? "" : value;
}

class Buyer : public HttpUser {
public:
    void on_start() override { client.get("/"); }
    void on_stop() override { client.get("/echo", {.name = "bye"}); }
    void order() { client.get(wanted() == "slow" ? "/slow?ms=400" : "/items", {.name = "order"}); }
};

static ArrivalRate rate() {
    return wanted() == "slow" ? ArrivalRate(50) : poisson(ramp(0, 600).over(1s));
}

static const auto buyers = [] {
    auto chain = arrivals<Buyer>(rate()).task<&Buyer::order>();
    if (wanted() == "slow") return chain.max_users(5, WhenFull::Drop);
    chain.iterations(500).max_users(50);
    return wanted() == "fresh" ? chain.fresh() : chain;
}();
