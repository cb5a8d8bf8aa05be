// SPDX-License-Identifier: Apache-2.0
// Asks for a path, so that a host has to be given.
#include <cicada/cicada.hpp>
using namespace cicada;

class Lost : public HttpUser {
public:
    void ask() { client.get("/"); }
};
static const auto lost = users<Lost>().task<&Lost::ask>();
