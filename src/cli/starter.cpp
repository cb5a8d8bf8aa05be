// SPDX-License-Identifier: Apache-2.0
#include "cli/starter.hpp"

#include <string_view>

namespace cicada::cli {
namespace {

constexpr const char* kText =
    R"(// Run it:    cicada -f FILE --host http://localhost:8000 -u 50 -r 10 -t 1m --headless
// Debug it:  cicada -f FILE --host http://localhost:8000 --once
// A server to practise on:  cicada demo-server
HEADER
using namespace cicada;

// Each object of this class is one simulated user, with its own cookies and connections. Calls look
// blocking; while one user waits for its answer, the others run.
class WebsiteUser : public HttpUser {
public:
    // Before the first task. on_stop() is its counterpart, after the last.
    void on_start() override {
        client.post("/login", form({{"username", "ellen_key"}, {"password", "education"}}));
    }

    void index() { client.get("/"); }

    void browse() {
        const auto id = random_int(1, 100);
        // .name: one row of the statistics for all of them, instead of a row for each address.
        auto item = client.get("/items/" + std::to_string(id), {.name = "/items/[id]"});
        // Status 400 and above fails by itself. Whatever else is wrong with an answer, you say.
        if (item.json()["stock"] < 1) item.fail("sold out");
    }
};

// Only what is declared here runs. Each user picks a task, runs it, waits, and picks again.
static const auto website_users = users<WebsiteUser>()
    .wait_time(between(1s, 3s))
    .task<&WebsiteUser::index>()
    .task<&WebsiteUser::browse>({.weight = 3});  // three times as often
)";

void replace_all(std::string& text, std::string_view mark, std::string_view by) {
    for (std::size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + by.size())) {
        text.replace(at, mark.size(), by);
    }
}

}  // namespace

std::string starter_test(const std::string& file) {
    std::string text = kText;
    replace_all(text, "HEADER", "#include <cicada/cicada.hpp>");
    replace_all(text, "FILE", file);
    return text;
}

}  // namespace cicada::cli
