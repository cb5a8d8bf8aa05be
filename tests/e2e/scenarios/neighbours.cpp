// SPDX-License-Identifier: Apache-2.0
// Half of the users ask a server at $BAD_URL, the others the host.
#include <cicada/cicada.hpp>
#include <cstdlib>
using namespace cicada;

class Lucky : public HttpUser {
public:
    void ask() {
        auto page = client.get("/");
        if (page.status() != 200) log::error("harmed");
    }
};
static const auto lucky = users<Lucky>().wait_time(constant(10ms)).task<&Lucky::ask>();

class Unlucky : public HttpUser {
public:
    void ask() { client.get(std::getenv("BAD_URL"), {.name = "bad"}); }
};
static const auto unlucky = users<Unlucky>().wait_time(constant(10ms)).task<&Unlucky::ask>();
