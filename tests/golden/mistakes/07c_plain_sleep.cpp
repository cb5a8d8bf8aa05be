#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {
 public:
  void browse() {
    client.get("/");
    sleep(1);
  }
};
static const auto shoppers = users<Shopper>()
    .task<&Shopper::browse>();
