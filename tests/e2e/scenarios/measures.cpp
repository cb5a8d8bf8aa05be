// SPDX-License-Identifier: Apache-2.0
// Own metrics, checks and thresholds, told by one user class.
#include <cicada/cicada.hpp>
#include <cstdlib>
using namespace cicada;

static const auto orders = counter("orders");
static const auto stock = gauge("stock");
static const auto cached = rate("cached");
static const auto render = trend("render");
static const auto basket = trend("basket");
static const auto at_the_end = counter("at the end");

class Buyer : public HttpUser {
public:
    void buy() {
        const auto page = client.get("/");
        check("front page", page.status() == 200);
        check("no such status", page.status() == 999, {{"page", "front"}});
        orders.add();
        orders.add(2, {{"region", "eu"}});
        stock.set(static_cast<double>(100 - turn_));
        cached.add(++turn_ % 4 == 0);
        render.add(1ms * turn_);
        basket.add(2.5);
        if (turn_ == 20) stop_user();
    }

private:
    int turn_ = 0;
};
static const auto buyers = users<Buyer>().wait_time(constant(5ms)).task<&Buyer::buy>();
static const auto end = events().test_stop += [] { at_the_end.add(7); };

static bool is_strict() {
    return std::getenv("STRICT") != nullptr;
}
static const auto goals = thresholds({"p95 < 5s", "orders: count == 120"});
static const auto strict = thresholds(
    std::vector<std::string>{is_strict() ? "max < 1us" : "max < 1min"}, {.abort_on_fail = true});
