// What an answer has to look like: a response may be failed or passed until it is recorded.
//   cicada -f examples/response_validation/cicadafile.cpp --host http://127.0.0.1:8000 -u 5 -r 5 -t 10s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class Inspector : public HttpUser {
public:
    // The status is right and the content is not.
    void sold_out() {
        auto item = client.get("/items/9500", {.name = "sold out"});
        if (item.json()["stock"] < 1) item.fail("sold out");
    }

    // The status is wrong, as it should be.
    void not_there() {
        auto page = client.get("/status/404", {.name = "not there"});
        if (page.status() == 404) page.succeed();
    }

    // A member that is missing fails the response by itself: "no number at /discount".
    void misread() {
        auto item = client.get("/items/7", {.name = "misread"});
        if (item.json()["discount"] > 0.5) log::info("cheap");
    }

    // Text, size, header and time.
    void all_at_once() {
        auto page = client.get("/", {.name = "all at once"});
        if (page.text().find("shop") == page.text().npos) page.fail("where is the shop?");
        if (page.size() > 100'000) page.fail("too large: " + std::to_string(page.size()) + " bytes");
        if (!page.header("content-type").value_or("").starts_with("text/html")) page.fail("no HTML");
        if (page.elapsed() > 2s) page.fail("too slow");
    }
};

static const auto inspectors = users<Inspector>()
    .wait_time(constant(0.2s))
    .task<&Inspector::sold_out>()
    .task<&Inspector::not_there>()
    .task<&Inspector::misread>()
    .task<&Inspector::all_at_once>();
