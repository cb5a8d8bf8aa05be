#include <cicada/cicada.hpp>
using namespace cicada;
class Meter : public User {};
class Reports : public TaskSet<Meter> {
public:
    void daily() { client.get("/report"); }
};
static const auto reports = task_set<Reports>().task<&Reports::daily>();
static const auto meters = users<Meter>().task_set<Reports>();
