#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {};
class Forum : public TaskSet<Shopper> {
public:
    void read() { client.get("/"); }
};
static const auto forum = task_set<Forum>().task<&Forum::read>();
static const auto shoppers = users<Shopper>().task<Forum>({.weight = 2});
