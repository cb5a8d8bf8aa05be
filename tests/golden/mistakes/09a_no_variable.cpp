#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {
 public:
  void browse() { client.get("/"); }
};
users<Shopper>().task<&Shopper::browse>();
