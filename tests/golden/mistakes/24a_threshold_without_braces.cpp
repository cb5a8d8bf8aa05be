#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser { public: void browse() { client.get("/"); } };
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
static const auto goals = thresholds("p95 < 200ms", {.abort_on_fail = true});
