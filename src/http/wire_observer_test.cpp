// SPDX-License-Identifier: Apache-2.0
#include "http/wire_observer.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "http/test_loopback.hpp"

namespace cicada::http {
namespace {

/// Notes request line, body, status and error of each.
class Notes final : public WireObserver {
public:
    void on_exchange(const SeenExchange& seen) override {
        const std::string_view head = seen.request_head;
        lines.push_back(fmt::format("{} {}|{}|{}|{}",
                                    seen.method,
                                    head.substr(0, head.find("\r\n")),
                                    seen.request_body,
                                    seen.answer.status(),
                                    seen.answer.error()));
        whole_heads = whole_heads && (head.empty() || head.ends_with("\r\n\r\n"));
    }

    std::vector<std::string> lines;
    bool whole_heads = true;
};

TEST_CASE("an observer sees each exchange as it was on the wire") {
    // Goal: what --once prints is what was sent: hops of a redirect with their own method and body,
    //   and a reason where there was no answer.
    // Method: a plain request, one redirected to GET, and one to nobody.
    on_every_back_end([] {
        LoopbackServer server([](const ServerRequest& request, ResponseWriter& writer) {
            if (request.path == "/old") writer.add_header("Location", "/new");
            writer.reply(request.path == "/old" ? 303 : 200, "text/plain", "hello");
        });
        TestClient client(server.url());
        Notes notes;
        client.client().set_observer(&notes);
        client.get("/a?b=c");
        client.send({.method = "POST", .url = "/old", .body = "x=1", .has_body = true});
        client.get("http://127.0.0.1:1/");
        REQUIRE(notes.lines.size() == 4);
        CHECK(notes.lines[0] == "GET GET /a?b=c HTTP/1.1||200|");
        CHECK(notes.lines[1] == "POST POST /old HTTP/1.1|x=1|303|");
        CHECK(notes.lines[2] == "GET GET /new HTTP/1.1||200|");
        CHECK(notes.lines[3].starts_with("GET ||0|"));
        CHECK(notes.lines[3].find("refused") != std::string::npos);
        CHECK(notes.whole_heads);
    });
}

}  // namespace
}  // namespace cicada::http
