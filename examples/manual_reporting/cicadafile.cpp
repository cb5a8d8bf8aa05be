// Figures of one's own in the report: whatever takes time, under a type and a name one chooses.
//   cicada -f examples/manual_reporting/cicadafile.cpp --host http://127.0.0.1:8000 -u 5 -r 5 -t 10s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class Buyer : public HttpUser {
public:
    // Several requests as one row; each of them has its own as well.
    void buy() {
        measure("flow", "buy tea", [this] {
            client.get("/items/7");
            client.post("/cart", json_body({{"item", 7}, {"quantity", 1}}));
            sleep(20ms);
            client.post("/checkout");
        });
    }

    // The call says how large the answer was, and whether it was a failure.
    void count_stars() {
        measure("search", "stars", [](Measurement& seen) {
            sleep(std::chrono::milliseconds(random_int(5, 20)));
            seen.size = random_int(0, 3);
            if (seen.size == 0) seen.failure = "a cloudy night";
        });
    }

    // An exception is a failure with its text, and goes no further.
    void ask_oracle() {
        const auto verdict = measure("oracle", "ask", [] {
            sleep(10ms);
            if (random_int(1, 4) == 1) throw std::runtime_error("the oracle is silent");
        });
        if (verdict == Verdict::Failed) reschedule();
        client.get("/");
    }

    void on_start() override { client.post("/login", form({{"username", "ellen"}, {"password", "education"}})); }
};

static const auto buyers = users<Buyer>()
    .wait_time(between(0.1s, 0.5s))
    .task<&Buyer::buy>()
    .task<&Buyer::count_stars>()
    .task<&Buyer::ask_oracle>();
