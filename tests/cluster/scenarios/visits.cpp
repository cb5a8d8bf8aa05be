// SPDX-License-Identifier: Apache-2.0
#include <cicada/cicada.hpp>
using namespace cicada;

class Visitor : public HttpUser {
public:
    void visit() { client.get("/"); }
};
static const auto visitors = users<Visitor>().wait_time(constant(20ms)).task<&Visitor::visit>();
