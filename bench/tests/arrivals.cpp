// SPDX-License-Identifier: Apache-2.0
// As many arrivals per second, and in all, as the variables RATE and ARRIVALS say.
#include <cicada/cicada.hpp>
#include <cstdlib>
using namespace cicada;

class Caller : public HttpUser {
public:
    void call() { client.get("/", {.discard_body = true}); }
};

static const auto callers = arrivals<Caller>(std::atof(std::getenv("RATE")))
                                .iterations(std::atoll(std::getenv("ARRIVALS")))
                                .task<&Caller::call>();
