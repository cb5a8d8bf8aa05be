#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser { public: void browse() { client.get("/"); } };
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
static const auto plan = stages({{.duration = 60s, .user = 100, .spawn_rate = 10}});
