// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "cicada/fiber.hpp"
#include "cicada/sync.hpp"
#include "http/test_loopback.hpp"

namespace cicada::http {
namespace {

using namespace std::chrono_literals;

const std::string ok_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Two: b\r\n\r\nok";

/// Keeps each request's head and answers ok_answer.
ScriptedServer::Script recording(std::vector<std::string>& seen) {
    return [&seen](fiber::Stream& stream, int) {
        while (true) {
            auto request = read_until(stream, "\r\n\r\n");
            if (request.empty()) return;
            seen.push_back(std::move(request));
            if (stream.send(ok_answer, fiber::kNever) != 0) return;
        }
    };
}

/// A handler that shows the request: `METHOD target|body` and the value of X-Show.
void show(const ServerRequest& request, ResponseWriter& writer) {
    writer.add_header("X-Seen", request.header("X-Show").value_or("-"));
    writer.reply(
        200, "text/plain", fmt::format("{} {}|{}", request.method, request.target, request.body));
}

}  // namespace

TEST_CASE("a GET brings status, fields and body, and the connection is kept") {
    // Goal: the plain path. Method: two requests against a script that shows what was sent.
    on_every_back_end([] {
        std::vector<std::string> seen;
        ScriptedServer server(recording(seen));
        TestClient client(server.url());
        const Exchange& answer = client.get("/a?b=1");
        CHECK(answer.error() == "");
        CHECK(answer.status() == 200);
        CHECK(answer.reason() == "OK");
        CHECK(answer.header("x-two") == "b");
        CHECK(answer.body() == "ok");
        CHECK(answer.body_size() == 2);
        CHECK(answer.target() == "/a?b=1");
        CHECK(answer.url() == server.url() + "/a?b=1");
        const auto host = server.url().substr(7);
        CHECK(seen.at(0) == "GET /a?b=1 HTTP/1.1\r\nHost: " + host +
                                "\r\nUser-Agent: cicada/0.1.0\r\nAccept: */*\r\n\r\n");
        CHECK(client.get("/").status() == 200);
        CHECK(server.connections() == 1);
        CHECK(client.client().idle_connections() == 1);
        CHECK(answer.counts().exchanges == 1);
        CHECK(answer.counts().bytes_received == ok_answer.size());
    });
}

TEST_CASE("the clock points of a request are in order") {
    // Goal: called, submitted, completed, resumed; connecting is no share of the generator's.
    // Method: an answer 5 ms late, on a new and on a kept connection.
    on_every_back_end([] {
        LoopbackServer server([](const ServerRequest&, ResponseWriter& writer) {
            fiber::sleep_for(5ms);
            writer.reply(200, "", "");
        });
        TestClient client(server.url());
        for (int i = 0; i < 2; ++i) {
            const auto& times = client.get("/").times();
            CHECK(times.called <= times.submitted);
            CHECK(times.submitted + 5ms <= times.completed);
            CHECK(times.completed <= times.resumed);
            CHECK(times.submitted - times.called < 4ms);
        }
    });
}

TEST_CASE("every method goes out as written, with the body it has") {
    // Goal: method, Content-Length and body rules. Method: the server shows what it understood.
    on_every_back_end([] {
        LoopbackServer server(show);
        TestClient client(server.url());
        for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"}) {
            CHECK(client.send({.method = method, .url = "/x"}).body() ==
                  fmt::format("{} /x|", method));
            CHECK(client.send({.method = method, .url = "/x", .body = "b"}).body() ==
                  fmt::format("{} /x|b", method));
        }
        const auto& head = client.send({.method = "HEAD", .url = "/x"});
        CHECK(head.status() == 200);
        CHECK(head.header("Content-Length") == "8");
        CHECK(head.body().empty());
        CHECK(client.get("/after").body() == "GET /after|");
        CHECK(client.client().idle_connections() == 1);
        CHECK(client.send({.method = "B AD", .url = "/"}).error() == "invalid method \"B AD\"");
    });
}

TEST_CASE("an empty body is announced where a server expects one") {
    // Goal: Content-Length: 0 for POST but not for GET, as requests does. Method: raw heads.
    on_every_back_end([] {
        std::vector<std::string> seen;
        ScriptedServer server(recording(seen));
        TestClient client(server.url());
        client.send({.method = "GET", .url = "/"});
        client.send({.method = "POST", .url = "/"});
        client.send({.method = "POST", .url = "/", .content_type = "a/b", .has_body = true});
        CHECK(seen.at(0).find("Content-Length") == std::string::npos);
        CHECK(seen.at(1).find("Content-Length: 0\r\n") != std::string::npos);
        CHECK(seen.at(2).find("Content-Type: a/b\r\nContent-Length: 0\r\n") != std::string::npos);
    });
}

TEST_CASE("paths, queries and whole URLs find their target") {
    // Goal: base path, encoding, query parameters. Method: the target the server saw.
    on_every_back_end([] {
        LoopbackServer server(show);
        TestClient client(server.url() + "/api/");
        const auto target = [&](const Request& request) {
            const auto& answer = client.send(request);
            CHECK(answer.error() == "");
            CHECK(answer.body() == "GET " + answer.target() + "|");
            return answer.target();
        };
        CHECK(target({.url = "/a"}) == "/api/a");
        CHECK(target({.url = "a"}) == "/api/a");
        CHECK(target({.url = ""}) == "/api/");
        CHECK(target({.url = "?x"}) == "/api?x");
        CHECK(target({.url = "/a b\xc3\xa4#top"}) == "/api/a%20b%C3%A4");
        CHECK(target({.url = "/a\r\nX-Evil: 1"}) == "/api/a%0D%0AX-Evil:%201");
        const std::vector<Field> query{{"q", "a b&c"}, {"ä", "="}};
        CHECK(target({.url = "/s", .query = query}) == "/api/s?q=a+b%26c&%C3%A4=%3D");
        CHECK(target({.url = "/s?x=1", .query = query}) == "/api/s?x=1&q=a+b%26c&%C3%A4=%3D");
        const auto whole = server.url() + "/other?y#f";
        CHECK(target({.url = whole}) == "/other?y");
        CHECK(client.client().idle_connections() == 1);
    });
}

TEST_CASE("headers are added, replaced and removed, and cannot break out") {
    // Goal: the client's, the request's, and equal names. Method: raw heads.
    on_every_back_end([] {
        std::vector<std::string> seen;
        ScriptedServer server(recording(seen));
        TestClient client(server.url(), {.headers = {{"accept", "a/b"}, {"X-Team", "tea"}}});
        client.get("/");
        CHECK(seen.at(0).ends_with(
            "\r\nUser-Agent: cicada/0.1.0\r\naccept: a/b\r\nX-Team: tea\r\n\r\n"));
        const std::vector<Field> headers{{"x-team", "coffee"},
                                         {"User-Agent", ""},
                                         {"Host", "example.com"},
                                         {"Content-Length", "99"}};
        client.send({.url = "/", .headers = headers});
        CHECK(seen.at(1) ==
              "GET / HTTP/1.1\r\naccept: a/b\r\nx-team: coffee\r\nHost: example.com\r\n\r\n");
        const auto error_of = [&](Field header) {
            return client.send({.url = "/", .headers = {&header, 1}}).error();
        };
        CHECK(error_of({"X", "a\r\nY: b"}) == "the value of header X contains a line break");
        CHECK(error_of({"X Y", "a"}) == "invalid header name \"X Y\"");
        CHECK(error_of({"", "a"}) == "invalid header name \"\"");
        CHECK(client.send({.url = "/", .content_type = "a\nb"}).error() ==
              "the content type contains a line break");
        CHECK(seen.size() == 2);
        CHECK(client.exchange().counts().exchanges == 0);
    });
}

TEST_CASE("user and password in the host become Basic authorization") {
    // Goal: RFC 7617, percent-decoded; an own header rules. Method: raw heads.
    on_every_back_end([] {
        std::vector<std::string> seen;
        ScriptedServer server(recording(seen));
        const auto host = server.url().substr(7);
        TestClient client("http://ellen:p%40ss@" + host);
        client.get("/");
        CHECK(seen.back().find("\r\nAuthorization: Basic ZWxsZW46cEBzcw==\r\n") !=
              std::string::npos);
        const std::vector<Field> own{{"authorization", "Bearer t"}};
        client.send({.url = "/", .headers = own});
        CHECK(seen.back().find("Basic") == std::string::npos);
        const auto whole = "http://a@" + host + "/";
        client.send({.url = whole});
        CHECK(seen.back().find("Authorization: Basic YTo=\r\n") != std::string::npos);
    });
}

TEST_CASE("cookies travel with the user, also those set on the way") {
    // Goal: jar and wire together. Method: set on a redirect, sent to its target, expired, own one.
    on_every_back_end([] {
        LoopbackServer server([](const ServerRequest& request, ResponseWriter& writer) {
            const std::string cookie(request.header("Cookie").value_or("none"));
            if (request.path == "/login") {
                writer.add_header("Set-Cookie", "s=1; Path=/");
                writer.add_header("Set-Cookie", "t=2; Path=/deep");
                writer.add_header("Location", "/home");
                writer.reply(303, "", "");
            } else {
                if (request.path == "/out") {
                    writer.add_header("Set-Cookie", "s=; Max-Age=0; Path=/");
                }
                writer.reply(200, "text/plain", cookie);
            }
        });
        TestClient client(server.url());
        CHECK(client.get("/home").body() == "none");
        CHECK(client.send({.method = "POST", .url = "/login", .body = "x"}).body() == "s=1");
        CHECK(client.get("/deep/x?y=/").body() == "t=2; s=1");
        const std::vector<Field> own{{"Cookie", "mine=3"}};
        CHECK(client.send({.url = "/home", .headers = own}).body() == "mine=3");
        CHECK(client.get("/out").body() == "s=1");
        CHECK(client.get("/home").body() == "none");
        TestClient other(server.url());
        CHECK(other.get("/home").body() == "none");
    });
}

TEST_CASE("each fiber of a user gets a connection of its own, and idle ones are bounded") {
    // Goal: concurrent requests of one client. Method: twelve at once, each late.
    on_every_back_end([] {
        LoopbackServer server([](const ServerRequest& request, ResponseWriter& writer) {
            fiber::sleep_for(3ms);
            writer.reply(200, "", request.target);
        });
        TestClient client(server.url());
        std::vector<fiber::Handle> fibers;
        int right = 0;
        for (int i = 0; i < 12; ++i) {
            fibers.push_back(fiber::start([&client, &right, i] {
                Exchange exchange;
                const auto path = fmt::format("/{}", i);
                client.client().send({.url = path}, exchange);
                right += exchange.body() == path ? 1 : 0;
            }));
        }
        for (auto& fiber : fibers) fiber.join();
        CHECK(right == 12);
        CHECK(client.client().idle_connections() == 10);
        client.client().close_idle();
        CHECK(client.client().idle_connections() == 0);
    });
}

TEST_CASE("each exchange carries an identity, redirects too") {
    // Goal: the trace header. Method: a source that counts, a redirect, then none.
    struct Source : TraceSource {
        void append_identity(std::string& to) override {
            to += fmt::format("r.1.2.{}", ++sequence);
        }
        int sequence = 0;
    };
    on_every_back_end([] {
        std::vector<std::string> seen;
        LoopbackServer server([&](const ServerRequest& request, ResponseWriter& writer) {
            seen.emplace_back(request.header("X-Trace").value_or("-"));
            if (request.path == "/a") writer.add_header("Location", "/b");
            writer.reply(request.path == "/a" ? 302 : 200, "", "");
        });
        Source source;
        TestClient client(server.url(), {.trace_header = "X-Trace"});
        client.client().set_trace(&source);
        CHECK(client.get("/a").counts().exchanges == 2);
        client.client().set_trace(nullptr);
        client.get("/b");
        CHECK(seen == std::vector<std::string>{"r.1.2.1", "r.1.2.2", "-"});
    });
}

TEST_CASE("a body is counted and dropped when nobody wants it") {
    // Goal: discard_body. Method: a body above the limit of what may be buffered.
    on_every_back_end([] {
        const std::string large(200'000, 'x');
        LoopbackServer server(
            [&](const ServerRequest&, ResponseWriter& writer) { writer.reply(200, "", large); });
        TestClient client(server.url(), {.limits = {.body_bytes = 1000}});
        const auto& answer = client.send({.url = "/", .discard_body = true});
        CHECK(answer.error() == "");
        CHECK(answer.body().empty());
        CHECK(answer.body_size() == large.size());
        CHECK(answer.header("Content-Length") == "200000");
        CHECK(client.client().idle_connections() == 1);
    });
}

TEST_CASE("a server is reached over IPv6 and by name") {
    // Goal: literal IPv6 and a looked-up name. Method: listen on ::1, and on 127.0.0.1 for
    // localhost.
    on_every_back_end([] {
        Server six(net::Endpoint::from_literal("::1", 0).value(), show);
        const auto serving = fiber::start([&six] { six.run(); });
        TestClient client("http://" + six.endpoint().text());
        CHECK(client.get("/six").body() == "GET /six|");

        LoopbackServer four(show);
        const auto port = four.url().substr(four.url().rfind(':'));
        TestClient by_name("http://localhost" + port);
        CHECK(by_name.get("/four").body() == "GET /four|");
    });
}

TEST_CASE("a cancelled request says so, and a drain lets it finish") {
    // Goal: FiberCancelled leaves a readable exchange. Method: cancel a fiber that waits for 20 ms.
    on_every_back_end([] {
        LoopbackServer server([](const ServerRequest&, ResponseWriter& writer) {
            fiber::sleep_for(20ms);
            writer.reply(200, "", "done");
        });
        for (const auto drain : {0ms, 1000ms}) {
            TestClient client(server.url());
            bool thrown = false;
            auto user = fiber::start([&] {
                try {
                    client.get("/");
                } catch (const FiberCancelled&) {
                    thrown = true;
                    throw;
                }
            });
            fiber::sleep_for(5ms);
            user.cancel(drain);
            user.join();
            const Exchange& answer = client.exchange();
            CHECK(thrown == (drain == 0ms));
            CHECK(answer.counts().exchanges == 1);
            CHECK(answer.counts().aborted == (drain == 0ms ? 1 : 0));
            CHECK(answer.error() == (drain == 0ms ? "aborted: the user was stopped" : ""));
            CHECK(answer.body() == (drain == 0ms ? "" : "done"));
            CHECK(answer.times().resumed >= answer.times().submitted);
        }
    });
}

TEST_CASE("a user who was cancelled puts nothing more on the wire") {
    // Goal: the drain protects what is under way, not what comes after. Method: swallow and go on.
    on_every_back_end([] {
        int served = 0;
        LoopbackServer server([&served](const ServerRequest&, ResponseWriter& writer) {
            ++served;
            writer.reply(200, "", "");
        });
        TestClient client(server.url());
        CHECK(client.get("/").status() == 200);
        auto user = fiber::start([&] {
            try {
                fiber::sleep_for(10s);
            } catch (const FiberCancelled&) {
            }
            client.get("/");
        });
        fiber::yield();
        user.cancel(1s);
        user.join();
        CHECK(served == 1);
        CHECK(client.exchange().error() == "aborted: the user was stopped");
        CHECK(client.exchange().counts().exchanges == 0);
        CHECK(client.exchange().counts().aborted == 0);
    });
}

TEST_CASE("a Timeout around a request aborts it") {
    // Goal: TimeoutExpired passes through and the exchange says why. Method: a slow server.
    on_every_back_end([] {
        LoopbackServer server([](const ServerRequest&, ResponseWriter& writer) {
            fiber::sleep_for(200ms);
            writer.reply(200, "", "late");
        });
        TestClient client(server.url());
        const Timeout limit(Duration(10ms));
        CHECK_THROWS_AS(client.get("/"), TimeoutExpired);
        CHECK(client.exchange().error() == "aborted: a Timeout around the request has expired");
        CHECK(client.exchange().counts().aborted == 1);
        CHECK(client.client().idle_connections() == 0);
    });
}

}  // namespace cicada::http
