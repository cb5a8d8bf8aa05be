// Data for the users: accounts from a CSV file, each for one user alone, and searches from JSON lines.
//   cicada -f examples/csv_data/cicadafile.cpp --host http://127.0.0.1:8000 -u 6 -r 2 -t 20s --headless
// A seventh user would find no account left and end at once.
#include <cicada/cicada.hpp>
using namespace cicada;

static const auto accounts = csv_feeder("accounts.csv", Feed::Unique);
static const auto searches = json_feeder("searches.jsonl", Feed::Random);
static const auto orders = generator_feeder([](std::int64_t n) { return Fields{{"number", 10'000 + n}}; });

class Customer : public HttpUser {
public:
    void on_start() override {
        const auto account = accounts.next();
        client.post("/login", form({{"username", account["username"]}, {"password", account["password"]}}));
    }

    void search() {
        const auto wanted = searches.next();
        auto item = client.get("/items/" + wanted["item"], {.name = "/items/[id]"});
        if (wanted.has("most") && item.json()["price"] > std::stod(wanted["most"])) log::info("too dear");
    }

    void order() {
        client.post("/echo", json_body({{"order", orders.next()["number"]}}), {.name = "order"});
    }
};

static const auto customers = users<Customer>()
    .wait_time(between(0.2s, 1s))
    .task<&Customer::search>({.weight = 3})
    .task<&Customer::order>();
