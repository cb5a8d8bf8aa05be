// SPDX-License-Identifier: Apache-2.0
// A task that holds the engine for longer than a worker may be silent.
#include <chrono>
#include <cicada/cicada.hpp>
using namespace cicada;

class Buyer : public HttpUser {
public:
    void hog() {
        client.get("/");
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
        while (std::chrono::steady_clock::now() < end) {
        }
    }
};
class Looker : public HttpUser {
public:
    void look() { client.get("/"); }
};

static const auto buyers = users<Buyer>().task<&Buyer::hog>();
static const auto lookers =
    users<Looker>().fixed_count(1).wait_time(constant(10s)).task<&Looker::look>();
