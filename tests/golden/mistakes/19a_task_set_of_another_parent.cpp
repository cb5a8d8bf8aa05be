#include <cicada/cicada.hpp>
using namespace cicada;
class Admin : public HttpUser {};
class Shopper : public HttpUser {};
class Forum : public TaskSet<Admin> {
public:
    void read() { client.get("/"); }
};
static const auto forum = task_set<Forum>().task<&Forum::read>();
static const auto shoppers = users<Shopper>().task_set<Forum>();
