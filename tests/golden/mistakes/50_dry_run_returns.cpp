#include <cicada/cicada.hpp>
using namespace cicada;

class Shopper : public HttpUser {
public:
    void browse() { client.get("/"); }
};
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
static const auto answers = on_dry_run([](const DryRunRequest&) { return 404; });
