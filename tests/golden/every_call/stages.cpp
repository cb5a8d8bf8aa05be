// Goal: what a test can say instead of a load shape; see everything.cpp.
#include <cicada/cicada.hpp>
using namespace cicada;

class Visitor : public HttpUser {
public:
    void index() { client.get("/"); }
};
static const auto visitors = users<Visitor>().task<&Visitor::index>();
static const auto plan = stages({{.duration = 60s, .users = 100, .spawn_rate = 10}, {.duration = 2min, .users = 10, .spawn_rate = 1, .user_classes = "Visitor"}});
