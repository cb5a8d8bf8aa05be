#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {};
class Checkout : public SequentialTaskSet<Shopper> {
public:
    void cart() { client.get("/cart"); }
    void pay() { client.post("/checkout"); }
};
static const auto checkout = task_set<Checkout>()
    .task<&Checkout::cart>().next<&Checkout::pay>()
    .task<&Checkout::pay>();
static const auto shoppers = users<Shopper>().task_set<Checkout>();
