// SPDX-License-Identifier: Apache-2.0
// A user whose recursion needs more stack than it has.
#include <cicada/cicada.hpp>
using namespace cicada;

static int dig(int depth) {
    volatile char shovel[512] = {};
    shovel[0] = static_cast<char>(depth);
    sleep(0s);
    return dig(depth + 1) + shovel[0];
}

class Miner : public User {
public:
    void mine() { dig(0); }
};
static const auto miners = users<Miner>().task<&Miner::mine>();
