// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <doctest/doctest.h>

#include "http/test_loopback.hpp"

namespace cicada::http {
namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Two: b\r\n\r\nok";

}  // namespace

TEST_CASE("a GET brings status, fields and body, and the connection is kept") {
    // Goal: the plain path. Method: two requests against a script that shows what was sent.
    on_every_back_end([] {
        std::string seen;
        ScriptedServer server([&](fiber::Stream& stream, int) {
            while (true) {
                const auto request = read_until(stream, "\r\n\r\n");
                if (request.empty()) return;
                seen += request;
                CHECK(stream.send(kOk, fiber::kNever) == 0);
            }
        });
        TestClient client(server.url());
        const Exchange& answer = client.get("/a?b=1");
        CHECK(answer.error().empty());
        CHECK(answer.status() == 200);
        CHECK(answer.reason() == "OK");
        CHECK(answer.header("x-two") == "b");
        CHECK(answer.body() == "ok");
        CHECK(answer.body_size() == 2);
        CHECK(answer.target() == "/a?b=1");
        CHECK(answer.url() == server.url() + "/a?b=1");
        const auto host = server.url().substr(7);
        CHECK(seen == "GET /a?b=1 HTTP/1.1\r\nHost: " + host +
                          "\r\nUser-Agent: cicada/0.1.0\r\nAccept: */*\r\n\r\n");
        CHECK(client.get("/").status() == 200);
        CHECK(server.connections() == 1);
        CHECK(client.client().idle_connections() == 1);
        CHECK(answer.counts().exchanges == 1);
        CHECK(answer.counts().bytes_received == kOk.size());
    });
}

}  // namespace cicada::http
