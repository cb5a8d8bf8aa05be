// SPDX-License-Identifier: Apache-2.0
// Ten random choices per user, then its end.
#include <cicada/cicada.hpp>
using namespace cicada;

class Chooser : public HttpUser {
public:
    void index() { ask("/"); }
    void items() { ask("/items"); }
    void late() { ask(random_int(0, 1) == 0 ? "/slow?ms=1" : "/bytes/10"); }

private:
    void ask(const char* path) {
        client.get(path);
        if (++asked_ == 10) stop_user();
    }
    int asked_ = 0;
};
static const auto choosers =
    users<Chooser>().task<&Chooser::index>().task<&Chooser::items>().task<&Chooser::late>();
