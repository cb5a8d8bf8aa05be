#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser { public: void browse() { check(client.get("/").ok()); } };
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
