// SPDX-License-Identifier: Apache-2.0
// Users under limits; $LIMITED names the class that comes.
#include <cicada/cicada.hpp>
#include <cstdlib>
#include <stdexcept>
#include <string>
using namespace cicada;

static double chosen(const char* name) {
    const char* const asked = std::getenv("LIMITED");
    return asked != nullptr && std::string(asked) == name ? 1 : 0;
}

/// Three requests in each execution; some fail, some executions throw.
class Orderer : public HttpUser {
public:
    void order() {
        client.get("/items/1", {.name = "/order/one"});
        client.get(random_int(0, 9) == 0 ? "/status/503" : "/items/2", {.name = "/order/two"});
        if (random_int(0, 9) == 0) throw std::runtime_error("no stock");
        client.get("/items/3", {.name = "/order/three"});
    }
    void browse() { client.get("/items"); }
};
static const auto orderers = users<Orderer>()
                                 .weight(chosen("orders"))
                                 .task<&Orderer::order>({.limit = 500})
                                 .task<&Orderer::browse>({.weight = 3, .limit_per_user = 10});

/// Redirects, failures and concurrent requests under one request limit.
class Requester : public HttpUser {
public:
    void page() {
        client.get("/redirect/2", {.name = "page"});
        Fiber images[] = {image(), image(), image(), image(), image()};
        sleep(1ms);
        client.get("/status/500", {.name = "page"});  // may be refused while images are under way
        for (Fiber& one : images) one.join();
    }

private:
    Fiber image() {
        return spawn([this] { client.get("/slow?ms=5", {.name = "image"}); });
    }
};
static const auto requesters =
    users<Requester>().weight(chosen("requests")).task<&Requester::page>({.request_limit = 1000});

/// Executions of about a second, which are under way whenever the number of users is lowered.
class Slow : public HttpUser {
public:
    void order() {
        client.get("/slow?ms=500", {.name = "first"});
        client.get("/slow?ms=500", {.name = "second"});
    }
};
static const auto slow = users<Slow>().weight(chosen("slow")).task<&Slow::order>({.limit = 60});

/// Ends while a fiber that outlives its task still has a request on the wire.
class Keeper : public HttpUser {
public:
    void begin() {
        kept_ = spawn([this] {
            for (int i = 0; i < 10; ++i) client.get("/slow?ms=300", {.name = "kept"});
        });
        sleep(10ms);
    }

private:
    Fiber kept_;
};
static const auto keepers = users<Keeper>()
                                .weight(chosen("kept"))
                                .iterations_per_user(1)
                                .task<&Keeper::begin>({.request_limit = 7});

/// A task set whose visits and requests are limited, in a class with iterations.
class Reader : public HttpUser {
public:
    void front() { client.get("/"); }
};
class Forum : public TaskSet<Reader> {
public:
    void on_start() override { client.get("/items", {.name = "enter"}); }
    void on_stop() override { client.get("/items", {.name = "leave"}); }
    void thread() { client.get("/items/4", {.name = "thread"}); }
    void out() { interrupt(); }
};
static const auto readers = users<Reader>()
                                .weight(chosen("visits"))
                                .task<&Reader::front>({.limit = 40})
                                .task_set<Forum>({.limit = 25, .request_limit = 400});
static const auto forum = task_set<Forum>().task<&Forum::thread>({.weight = 5}).task<&Forum::out>();
