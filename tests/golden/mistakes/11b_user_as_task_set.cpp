#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {
public:
    void browse() { client.get("/"); }
};
static const auto shoppers = task_set<Shopper>().task<&Shopper::browse>();
