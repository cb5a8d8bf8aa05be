#include <cicada/cicada.hpp>
using namespace cicada;

struct Stage {
    int number = 0;
};

class Shopper : public HttpUser {
public:
    void browse() {
        Stage stage;
        stage.number = 1;
        client.get("/");
    }
};
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
