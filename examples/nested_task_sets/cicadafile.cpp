// Task sets within task sets: a visitor looks around the shop, goes through its items, and looks at
// one of them closely. A set is entered like a task, and left by interrupt().
//   cicada -f examples/nested_task_sets/cicadafile.cpp --host http://127.0.0.1:8000 -u 5 -r 5 -t 20s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class Visitor : public HttpUser {
public:
    void index() { client.get("/"); }

    std::int64_t items_seen = 0;
};

// In the list of a Visitor: parent() and user() are that visitor, `client` is its client.
class Items : public TaskSet<Visitor> {
public:
    void on_start() override { client.get("/items"); }  // each time a user enters
    void on_stop() override { log::debug("left after " + std::to_string(looks) + " looks"); }

    void leave() { interrupt(); }  // the visitor picks another task at once

    std::int64_t looks = 0;  // of this visit: each has an object of its own
};

// In the list of Items: parent() is an Items, user() still the visitor.
class Item : public TaskSet<Items> {
public:
    void look() {
        auto item = client.get("/items/" + std::to_string(number_), {.name = "/items/[id]"});
        ++parent().looks;
        if (++user().items_seen == 1'000) stop_user();  // on_stop: here, in Items, in Visitor
    }
    void zoom() { client.get("/bytes/20000", {.name = "/picture", .discard_body = true}); }
    void back() { interrupt(Then::WaitFirst); }  // Items waits before it picks another

private:
    std::int64_t number_ = random_int(1, 8'000);
};

static const auto visitors = users<Visitor>()
    .wait_time(between(0.1s, 0.3s))
    .task<&Visitor::index>()
    .task_set<Items>({.weight = 3, .tags = {"items"}});

static const auto items = task_set<Items>()
    .task_set<Item>({.weight = 4})
    .task<&Items::leave>();

static const auto item = task_set<Item>()
    .wait_time(constant(0.05s))  // otherwise the visitor's
    .task<&Item::look>({.weight = 2})
    .task<&Item::zoom>({.tags = {"pictures"}})
    .task<&Item::back>();
