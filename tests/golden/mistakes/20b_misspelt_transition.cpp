#include <cicada/cicada.hpp>
using namespace cicada;
class Reader : public HttpUser {};
class Wiki : public MarkovTaskSet<Reader> {
public:
    void home() { client.get("/wiki"); }
    void article() { client.get("/wiki/article"); }
};
static const auto wiki = task_set<Wiki>()
    .task<&Wiki::home>().next<&Wiki::artcle>(3)
    .task<&Wiki::article>().next<&Wiki::home>();
static const auto readers = users<Reader>().task_set<Wiki>();
