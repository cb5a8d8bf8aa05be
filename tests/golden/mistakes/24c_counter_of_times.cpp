#include <cicada/cicada.hpp>
using namespace cicada;
static const auto waited = counter("waited");
class Shopper : public HttpUser { public: void browse() { waited.add(5ms); } };
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
