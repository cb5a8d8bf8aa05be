#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {};
class Forum : TaskSet<Shopper> {
public:
    void read() {}
};
static const auto forum = task_set<Forum>().task<&Forum::read>();
