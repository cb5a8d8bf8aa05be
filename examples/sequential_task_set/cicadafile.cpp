// A task set in a fixed order: put something into the cart, look at it, buy it, and then leave.
//   cicada -f examples/sequential_task_set/cicadafile.cpp --host http://127.0.0.1:8000 -u 5 -r 5 -t 20s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class Buyer : public HttpUser {
public:
    void on_start() override {
        client.post("/login", form({{"username", "buyer"}, {"password", "secret"}}));
    }
    void look() { client.get("/items"); }
};

class Purchase : public SequentialTaskSet<Buyer> {
public:
    void add() {
        client.post("/cart", json_body({{"item", random_int(1, 8'000)}, {"quantity", 1}}));
    }
    void review() { client.get("/cart"); }
    void pay() {
        if (!client.post("/checkout").ok()) log::warning("nothing was bought");
    }
    void leave() { interrupt(); }
};

// In the order they stand here; a weight says how often in a row.
static const auto purchase = task_set<Purchase>()
    .task<&Purchase::add>({.weight = 2})
    .task<&Purchase::review>()
    .task<&Purchase::pay>()
    .task<&Purchase::leave>();

static const auto buyers = users<Buyer>()
    .wait_time(constant(0.1s))
    .task<&Buyer::look>({.weight = 3})
    .task_set<Purchase>();
