// SPDX-License-Identifier: Apache-2.0
// Goal of all: whatever a server does wrong becomes one failed exchange with a clear text, and the
// next request works. Method: servers that follow a script, both back ends.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include "http/test_loopback.hpp"

namespace cicada::http {
namespace {

using namespace std::chrono_literals;

/// The error of a GET that is answered with `answer`, after which the connection closes or not.
std::string error_after(const std::string& answer, bool closes, ClientSettings settings = {}) {
    if (!closes && settings.timeout == 60s) settings.timeout = 2s;
    ScriptedServer server(ScriptedServer::answering(answer, closes));
    TestClient client(server.url(), std::move(settings));
    const Exchange& failed = client.get("/");
    CHECK(client.client().idle_connections() == 0);
    CHECK(failed.status() == 0);
    CHECK(failed.body().empty());
    CHECK(failed.head().empty());
    CHECK(failed.counts().exchanges == 1);
    CHECK(client.network().body_budget.used_bytes == 0);
    return failed.error();
}

std::string endless(std::string start, std::string_view filler, std::size_t size) {
    while (start.size() < size) start += filler;
    return start;
}

}  // namespace

TEST_CASE("a connection that cannot be made is explained") {
    on_every_back_end([] {
        TestClient client("http://127.0.0.1:1");
        CHECK(client.get("/").error() == "connect to 127.0.0.1:1: Connection refused");
        CHECK(client.exchange().counts().exchanges == 0);
        CHECK(client.exchange().url() == "http://127.0.0.1:1/");
        CHECK(client.exchange().times().submitted >= client.exchange().times().called);
        CHECK(client.send({.url = "https://127.0.0.1/"}).error() ==
              "https is not supported: https://127.0.0.1");
        CHECK(client.send({.url = "http://"}).error() == "invalid URL \"http://\": it has no host");
        Client without_base(client.network(), std::make_shared<ClientProfile>());
        Exchange exchange;
        without_base.send({.url = "/x"}, exchange);
        CHECK(exchange.error() == "no host is given for the path \"/x\"");
    });
}

TEST_CASE("a truncated response is told by what is missing") {
    on_every_back_end([] {
        CHECK(error_after("", true) == "the connection was closed before a response came");
        CHECK(error_after("HTTP/1.1 200 OK\r\nContent-Le", true) ==
              "the connection was closed within the response headers");
        CHECK(error_after("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(100, 'x'),
                          true) == "the connection was closed after 100 of 2000 body bytes");
        CHECK(error_after(
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n2\r\nf",
                  true) == "the connection was closed after 6 body bytes, before the last chunk");
    });
}

TEST_CASE("a malformed response is told by the rule it breaks") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"hello, world\r\n\r\n", "it does not begin with HTTP/1.0 or HTTP/1.1"},
        {"HTTP/2.0 200 OK\r\n\r\n", "it does not begin with HTTP/1.0 or HTTP/1.1"},
        {"HTTP/1.1 2x0 OK\r\n\r\n", "the status is not a number of three digits"},
        {"HTTP/1.1 042 OK\r\n\r\n", "the status is not a number of three digits"},
        {"HTTP/1.1 200 O\x01K\r\n\r\n", "the reason has an invalid character"},
        {"HTTP/1.1 200 OK\r\nA B: c\r\n\r\n", "a header name has an invalid character"},
        {"HTTP/1.1 200 OK\r\n: c\r\n\r\n", "a header name has an invalid character"},
        {"HTTP/1.1 200 OK\r\nA: b\x02\r\n\r\n", "a header value has an invalid character"},
        {"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "a line does not end with CR LF"},
        {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length is invalid"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         "Content-Length is invalid"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
         "Content-Length is invalid"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "Transfer-Encoding is invalid"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "a chunk is invalid"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcdef\r\n",
         "a chunk is invalid"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
         "a chunk is invalid"},
        {"HTTP/1.1 200 OK\r\nA: b\r\n " + std::string(5000, 'c') + "\r\n\r\n",
         "a folded header value exceeds 4096 bytes"},
    };
    on_every_back_end([&] {
        for (const auto& [answer, why] : cases) {
            CAPTURE(answer);
            CHECK(error_after(answer, false) == "malformed response: " + why);
        }
    });
}

TEST_CASE("a response beyond a limit is cut off there") {
    on_every_back_end([] {
        const std::string ok = "HTTP/1.1 200 OK\r\n";
        CHECK(error_after(endless(ok, "X-Filler: aaaaaaaaaaaaaaaaaaaa\r\n", 70'000), false) ==
              "the response headers exceed 65536 bytes");
        CHECK(error_after(endless(ok + "X: ", "a", 70'000), false) ==
              "the response headers exceed 65536 bytes");
        CHECK(error_after("HTTP/1.1 200 " + std::string(70'000, 'a'), false) ==
              "the response headers exceed 65536 bytes");
        const auto just_over = endless(ok + "X: ", "a", 996) + "\r\n\r\n";
        CHECK(error_after(just_over, false, {.limits = {.header_bytes = 999}}) ==
              "the response headers exceed 999 bytes");

        const ClientSettings small{.limits = {.body_bytes = 1000}};
        CHECK(error_after(ok + "Content-Length: 1001\r\n\r\n", false, small) ==
              "the response body exceeds 1000 bytes");
        CHECK(error_after(ok + "\r\n" + std::string(1001, 'x'), false, small) ==
              "the response body exceeds 1000 bytes");
        CHECK(error_after(ok + "Transfer-Encoding: chunked\r\n\r\n3E9\r\n" + std::string(1001, 'x'),
                          false,
                          small) == "the response body exceeds 1000 bytes");
        CHECK(error_after(endless(ok + "Transfer-Encoding: chunked\r\n\r\n1;", "a=b;", 70'000),
                          false) == "a chunk header exceeds 65536 bytes");
        std::string interim;
        for (int i = 0; i < 17; ++i) interim += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        CHECK(error_after(interim + ok + "\r\n", false) == "more than 16 interim answers");
    });
}

TEST_CASE("limits are reached exactly without harm") {
    on_every_back_end([] {
        const std::string head = endless("HTTP/1.1 200 OK\r\nX: ", "a", 900);
        const std::string answer =
            head + "\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x');
        ScriptedServer server(ScriptedServer::answering(answer));
        TestClient client(server.url(),
                          {.limits = {.header_bytes = answer.size() - 1000, .body_bytes = 1000}});
        CHECK(client.get("/").error() == "");
        CHECK(client.exchange().body().size() == 1000);

        std::string interim;
        for (int i = 0; i < 16; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
        ScriptedServer patient(
            ScriptedServer::answering(interim + "HTTP/1.1 204 No Content\r\n\r\n"));
        TestClient other(patient.url());
        CHECK(other.get("/").status() == 204);
        CHECK(other.client().idle_connections() == 1);
    });
}

TEST_CASE("the bodies of a process share one budget") {
    on_every_back_end([] {
        ScriptedServer server(ScriptedServer::answering(
            "HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n" + std::string(600, 'x')));
        TestClient client(server.url());
        client.network().body_budget.limit_bytes = 1000;
        Exchange first;
        client.client().send({.url = "/"}, first);
        CHECK(first.error() == "");
        CHECK(client.network().body_budget.used_bytes == 600);
        CHECK(client.get("/").error() == "the bodies of all responses together exceed 1000 bytes");
        first.clear();
        CHECK(client.get("/").error() == "");
        client.exchange().clear();
        CHECK(client.network().body_budget.used_bytes == 0);
    });
}

TEST_CASE("what does not end in time fails in time") {
    on_every_back_end([] {
        const ClientSettings quick{.timeout = 20ms};
        CHECK(error_after("", false, {.timeout = 20ms}) == "no response within 20 ms");
        CHECK(error_after("HTTP/1.1 200 OK\r\nA: b", false, {.timeout = 20ms}) ==
              "the response was not complete within 20 ms");
        CHECK(error_after("HTTP/1.1 200 OK\r\n\r\nabc", false, {.timeout = 20ms}) ==
              "the response was not complete within 20 ms");

        // A byte now and then for ever.
        ScriptedServer drip([](fiber::Stream& stream, int) {
            if (stream.send("HTTP/1.1 200 OK\r\n\r\n", fiber::kNever) != 0) return;
            while (stream.send("x", fiber::kNever) == 0) fiber::sleep_for(1ms);
        });
        TestClient client(drip.url(), quick);
        const auto before = fiber::now();
        CHECK(client.get("/").error() == "the response was not complete within 20 ms");
        CHECK(fiber::now() - before < 200ms);
        CHECK(client.send({.url = "/", .timeout = 1500us}).error().ends_with("within 1.5 ms"));
    });
}

TEST_CASE("bytes behind a response are never taken for the next one") {
    on_every_back_end([] {
        const std::string good = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
        const std::string evil = good + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        ScriptedServer server([&](fiber::Stream& stream, int connection) {
            while (!read_until(stream, "\r\n\r\n").empty()) {
                if (stream.send(connection == 0 ? evil : good, fiber::kNever) != 0) return;
            }
        });
        TestClient client(server.url());
        CHECK(client.get("/").body() == "good");
        CHECK(client.client().idle_connections() == 0);
        CHECK(client.get("/").body() == "good");
        CHECK(server.connections() == 2);

        // The same when they come later, while the connection is idle.
        ScriptedServer late([](fiber::Stream& stream, int) {
            while (!read_until(stream, "\r\n\r\n").empty()) {
                if (stream.send("HTTP/1.1 204 No Content\r\n\r\n", fiber::kNever) != 0) return;
                fiber::sleep_for(2ms);
                if (stream.send("HTTP/1.1 500 Evil\r\n\r\n", fiber::kNever) != 0) return;
            }
        });
        TestClient other(late.url());
        CHECK(other.get("/").status() == 204);
        fiber::sleep_for(10ms);
        CHECK(other.get("/").status() == 204);
        CHECK(late.connections() == 2);
        CHECK(other.exchange().counts().resends == 0);
    });
}

TEST_CASE("a stale kept connection is replaced only where that is safe") {
    // The second request of each connection is read and then cut off, in one of three ways.
    const auto script = [](std::string last_words) {
        return [last_words](fiber::Stream& stream, int) {
            read_until(stream, "\r\n\r\n");
            if (stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", fiber::kNever) != 0) {
                return;
            }
            read_until(stream, "\r\n\r\n");
            if (!last_words.empty()) CHECK(stream.send(last_words, fiber::kNever) == 0);
        };
    };
    on_every_back_end([&] {
        ScriptedServer server(script(""));
        TestClient client(server.url());
        CHECK(client.get("/").error() == "");
        CHECK(client.get("/").error() == "");
        CHECK(client.exchange().body() == "ok");
        CHECK(client.exchange().counts().resends == 1);
        CHECK(client.exchange().counts().exchanges == 2);
        CHECK(server.connections() == 2);
        CHECK(client.send({.method = "POST", .url = "/"}).error() ==
              "the connection was closed before a response came");
        CHECK(client.exchange().counts().resends == 0);

        ScriptedServer talking(script("H"));
        TestClient other(talking.url());
        CHECK(other.get("/").error() == "");
        CHECK(other.get("/").error() == "the connection was closed within the response headers");
        CHECK(other.exchange().counts().resends == 0);

        // On a new connection nothing is stale: no second try.
        ScriptedServer closing([](fiber::Stream& stream, int) { read_until(stream, "\r\n\r\n"); });
        TestClient third(closing.url());
        CHECK(third.get("/").error() == "the connection was closed before a response came");
        CHECK(closing.connections() == 1);
    });
}

TEST_CASE("a connection that closed while idle is noticed before it is used") {
    on_every_back_end([] {
        ScriptedServer server(
            ScriptedServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true));
        TestClient client(server.url());
        for (int i = 0; i < 3; ++i) {
            CHECK(client.send({.method = "POST", .url = "/"}).error() == "");
            fiber::sleep_for(5ms);
        }
        CHECK(server.connections() == 3);
        CHECK(client.exchange().counts().resends == 0);
    });
}

}  // namespace cicada::http
