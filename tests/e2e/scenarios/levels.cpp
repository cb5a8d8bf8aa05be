// SPDX-License-Identifier: Apache-2.0
// Requests at every level: in tasks, hooks and spawned fibers of nested task sets.
#include <cicada/cicada.hpp>
using namespace cicada;

class Visitor : public HttpUser {
public:
    void on_start() override { client.get("/", {.name = "user.on_start"}); }
    void on_stop() override { client.get("/", {.name = "user.on_stop"}); }
    void index() { client.get("/"); }
};

class Outer : public TaskSet<Visitor> {
public:
    void on_start() override { client.get("/", {.name = "outer.on_start"}); }
    void on_stop() override { client.get("/", {.name = "outer.on_stop"}); }
    void look() {
        auto kept = client.get("/items", {.name = "outer"});
        Fiber picture = spawn([this] { client.get("/bytes/2000", {.name = "picture"}); });
        picture.join();
        if (random_int(1, 20) == 1) throw std::runtime_error("stumbled");
    }
    void leave() { interrupt(random_int(0, 1) == 0 ? Then::PickAtOnce : Then::WaitFirst); }
};

class Inner : public SequentialTaskSet<Outer> {
public:
    void on_start() override { client.get("/", {.name = "inner.on_start"}); }
    void on_stop() override { client.get("/", {.name = "inner.on_stop"}); }
    void slow() { client.get("/slow?ms=20", {.name = "inner"}); }
    void leave() {
        client.get("/", {.name = "last"});
        interrupt();
    }
};

static const auto visitors = users<Visitor>()
                                 .wait_time(between(10ms, 30ms))
                                 .task<&Visitor::index>({.tags = {"plain"}})
                                 .task_set<Outer>({.weight = 3, .tags = {"sets"}});
static const auto outer = task_set<Outer>()
                              .task<&Outer::look>({.weight = 3})
                              .task_set<Inner>({.weight = 2, .tags = {"inner"}})
                              .task<&Outer::leave>();
static const auto inner = task_set<Inner>().task<&Inner::slow>({.weight = 2}).task<&Inner::leave>();
