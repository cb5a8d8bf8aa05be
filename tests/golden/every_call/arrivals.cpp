// Goal: the calls of the open model; see everything.cpp.
#include <cicada/cicada.hpp>
using namespace cicada;

class German : public HttpUser {
public:
    void answers() { client.get("/"); }
};
static const auto steady = arrivals<German>(5000).name("a").max_users(2000).task<&German::answers>();
static const auto stepped = arrivals<German>(steps({{.rate = 10, .duration = 1min}, {.rate = 20.5}})).name("b").fresh().task<&German::answers>();
static const auto crowd = arrivals<German>(poisson(ramp(0, 100).over(30s))).name("c").host("http://c.example").max_users(10, WhenFull::Drop).task<&German::answers>();
static const auto few = arrivals<German>(ArrivalRate::constant(0.5)).name("d").max_users(5, WhenFull::Delay).iterations(100).task<&German::answers>();

