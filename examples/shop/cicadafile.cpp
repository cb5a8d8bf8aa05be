// A load test of the demo shop (`cicada demo-server`), and a tour of what a test can say.
//   cicada -f examples/shop/cicadafile.cpp --host http://127.0.0.1:8000 -u 50 -r 10 -t 30s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

// Looks around: pages, items, now and then something slow.
class Visitor : public HttpUser {
public:
    void index() { client.get("/"); }

    void browse() {
        client.get("/items");
        for (int i = 0; i < 3; ++i) {
            // Ten thousand paths, one row in the statistics.
            auto item = client.get("/items/" + std::to_string(random_int(1, 8'000)), {.name = "/items/[id]"});
            if (item.json()["stock"] < 1) item.fail("sold out");
            sleep(between_looks());
        }
    }

    void report() { client.get("/slow", {.name = "/slow report", .query = {{"ms", 80}}, .timeout = 2s}); }

private:
    static Duration between_looks() { return std::chrono::milliseconds(random_int(50, 200)); }
};

static const auto visitors = users<Visitor>()
    .weight(3)
    .wait_time(between(0.2s, 1s))
    .task<&Visitor::index>({.weight = 2})
    .task<&Visitor::browse>({.weight = 5})
    .task<&Visitor::report>();

// Logs in, fills a cart and buys it. The session cookie is the client's business.
class Buyer : public HttpUser {
public:
    void on_start() override {
        client.post("/login", form({{"username", "ellen_key"}, {"password", "education"}}));
    }
    void on_stop() override { client.post("/logout"); }

    void buy() {
        client.post("/cart", json_body({{"item", random_int(1, 8'000)}, {"quantity", 2}}));
        auto order = client.post("/checkout");
        if (order.ok() && !order.json().exists()) order.fail("no order in the answer");
    }

    // Two requests at once, as a page and its picture would be.
    void look_at_profile() {
        Fiber picture = spawn([&] { client.get("/bytes/20000", {.name = "/picture", .discard_body = true}); });
        client.get("/profile");
        picture.join();
    }
};

static const auto buyers = users<Buyer>()
    .wait_time(constant_pacing(1s))
    .task<&Buyer::buy>({.weight = 2})
    .task<&Buyer::look_at_profile>();
