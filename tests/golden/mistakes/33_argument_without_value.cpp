#include <cicada/cicada.hpp>
using namespace cicada;
static const auto pages = argument<std::string>("--pages");
class Shopper : public HttpUser {
public:
    void look() { client.get("/" + pages); }
};
static const auto shoppers = users<Shopper>().task<&Shopper::look>();
