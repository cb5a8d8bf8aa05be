#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser { public: void browse() { client.get("/"); } };
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
class Steps : public LoadShape {};
static const auto shape = load_shape<Steps>();
