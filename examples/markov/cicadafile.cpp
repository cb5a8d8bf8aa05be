// A walk along transitions: after each task, `.next` says which may follow, and how often.
//   cicada -f examples/markov/cicadafile.cpp --host http://127.0.0.1:8000 -u 5 -r 5 -t 20s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class Reader : public HttpUser {};

class Browse : public MarkovTaskSet<Reader> {
public:
    void home() { client.get("/"); }
    void list() { client.get("/items"); }
    void item() { client.get("/items/" + std::to_string(random_int(1, 8'000)), {.name = "/items/[id]"}); }
};

// It starts with the task declared first. A transition to a task that there is not does not compile,
// or, by its name, is refused before the test runs.
static const auto browse = task_set<Browse>()
    .task<&Browse::home>().next<&Browse::list>()
    .task<&Browse::list>().next<&Browse::item>(3).next<&Browse::home>()
    .task<&Browse::item>().next<&Browse::item>(2).next<&Browse::list>(2).next("tired")
    .task("tired", [] { interrupt(Then::WaitFirst); }).next("home");

static const auto readers = users<Reader>().wait_time(between(0.05s, 0.15s)).task_set<Browse>();
