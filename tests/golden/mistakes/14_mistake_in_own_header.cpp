#include <cicada/cicada.hpp>
#include "parts/basket.hpp"
using namespace cicada;
class Shopper : public HttpUser {
 public:
  void browse() { basket.add(); }
  Basket basket;
};
static const auto shoppers = users<Shopper>()
    .task<&Shopper::browse>();
