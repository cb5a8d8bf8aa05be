#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {
public:
    void browse() { schedule_task(&Shopper::buy); }
    void buy() { client.post("/checkout"); }
};
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
