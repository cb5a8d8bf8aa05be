// SPDX-License-Identifier: Apache-2.0
// The least a test can do: what is measured is Cicada.
#include <cicada/cicada.hpp>
using namespace cicada;

class Plain : public HttpUser {
public:
    void index() { client.get("/"); }
};

static const auto plain = users<Plain>().task<&Plain::index>();
