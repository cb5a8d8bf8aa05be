// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <stdexcept>
#include <vector>

#include "base/error.hpp"
#include "http/test_loopback.hpp"
#include "net/connect.hpp"

namespace cicada::http {
namespace {

/// Sends `bytes` as they are and returns what comes until the server closes or has sent `end`.
std::string raw(const std::string& url, const std::string& bytes, std::string_view end = "never") {
    net::Resolver resolver;
    const auto parsed = Url::parse(url).value();
    auto stream = net::connect(resolver, {.host = parsed.host, .port = parsed.port});
    REQUIRE(stream.has_value());
    CHECK(stream->send(bytes, fiber::kNever) == 0);
    return read_until(*stream, end);
}

void show(const ServerRequest& request, ResponseWriter& writer) {
    if (request.path == "/throw") throw std::runtime_error("oh no");
    if (request.path == "/silent") return;
    if (request.path == "/abandon") return writer.abandon();
    writer.reply(200, "", fmt::format("[{} {} {}]", request.method, request.target, request.body));
}

}  // namespace

TEST_CASE("pipelined requests are answered in order") {
    // Goal: several requests in one packet, bodies between them. Method: raw bytes.
    on_every_back_end([] {
        LoopbackServer server(show);
        const auto answers =
            raw(server.url(),
                "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\n"
                "abcPUT /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0"
                "\r\n\r\nGET /4 HTTP/1.1\r\nConnection: close\r\n\r\n");
        const auto second = answers.find("[POST /2 abc]");
        const auto third = answers.find("[PUT /3 de]");
        CHECK(answers.find("[GET /1 ]") < second);
        CHECK(second < third);
        CHECK(third < answers.find("[GET /4 ]"));
        CHECK(answers.find("Connection: close\r\nContent-Length: 9\r\n\r\n[GET /4 ]") !=
              std::string::npos);
    });
}

TEST_CASE("a request may come byte by byte") {
    // Goal: no split of a request matters. Method: every split of one in two.
    on_every_back_end([] {
        LoopbackServer server(show);
        const std::string request = "POST /x HTTP/1.1\r\nContent-Length: 3\r\nA: b\r\n\r\nabc";
        net::Resolver resolver;
        const auto url = Url::parse(server.url()).value();
        auto stream = net::connect(resolver, {.host = url.host, .port = url.port}).value();
        for (std::size_t split = 1; split < request.size(); ++split) {
            CHECK(stream.send(std::string_view(request).substr(0, split), fiber::kNever) == 0);
            fiber::yield();
            CHECK(stream.send(std::string_view(request).substr(split), fiber::kNever) == 0);
            CHECK(read_until(stream, "]").ends_with("[POST /x abc]"));
        }
    });
}

TEST_CASE("requests that break the rules are refused and the connection closed") {
    // Goal: 400, 413, 431. Method: raw bytes; read_until returns because the server closes.
    on_every_back_end([] {
        LoopbackServer server(show);
        const auto status_of = [&](const std::string& bytes) {
            const auto answer = raw(server.url(), bytes);
            CHECK(answer.find("Connection: close\r\n") != std::string::npos);
            return answer.substr(9, 3);
        };
        CHECK(status_of("nonsense\r\n\r\n") == "400");
        CHECK(status_of("GET / HTTP/1.1\r\nA B: c\r\n\r\n") == "400");
        CHECK(status_of("GET / HTTP/3.0\r\n\r\n") == "400");
        CHECK(status_of("GET / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n") == "413");
        CHECK(status_of("GET / HTTP/1.1\r\nA: " + std::string(70'000, 'a')) == "431");
    });
}

TEST_CASE("a handler may throw, say nothing or give up") {
    // Goal: each ends in an answer or a closed connection. Method: one path for each.
    on_every_back_end([] {
        LoopbackServer server(show);
        TestClient client(server.url());
        CHECK(client.get("/throw").status() == 500);
        CHECK(client.exchange().body() == "oh no\n");
        CHECK(client.get("/silent").status() == 500);
        CHECK(client.client().idle_connections() == 1);
        client.client().close_idle();
        CHECK(client.get("/abandon").error() == "the connection was closed before a response came");
    });
}

TEST_CASE("HTTP/1.0 clients get no chunks and are kept only when they ask") {
    // Goal: tools that speak 1.0. Method: raw bytes.
    on_every_back_end([] {
        LoopbackServer server([](const ServerRequest&, ResponseWriter& writer) {
            writer.begin(200, "");
            CHECK(writer.write("in "));
            CHECK(writer.write("pieces"));
        });
        CHECK(raw(server.url(), "GET / HTTP/1.0\r\n\r\n") ==
              "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nin pieces");
        CHECK(raw(server.url(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n") ==
              "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
              "3\r\nin \r\n6\r\npieces\r\n0\r\n\r\n");
        LoopbackServer fixed(show);
        CHECK(raw(fixed.url(), "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "]") ==
              "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 8\r\n\r\n[GET / ]");
    });
}

TEST_CASE("a parameter of the query is found and decoded") {
    // Goal: parameter(). Method: the shapes a query may have.
    const ServerRequest request{.query = "a=1&b=x%20y+z&c&d=&a=2&%61a=3"};
    CHECK(request.parameter("a") == "1");
    CHECK(request.parameter("b") == "x y z");
    CHECK(request.parameter("c") == "");
    CHECK(request.parameter("d") == "");
    CHECK(request.parameter("aa") == "3");
    CHECK_FALSE(request.parameter("e").has_value());
}

TEST_CASE("a port that is taken is one clear error") {
    // Goal: the text of a start that fails. Method: listen twice.
    on_every_back_end([] {
        LoopbackServer server(show);
        const auto url = Url::parse(server.url()).value();
        const auto taken = net::Endpoint::from_literal(url.host, url.port).value();
        CHECK_THROWS_WITH_AS(
            Server(taken, show),
            fmt::format("cannot listen on {}: Address already in use", taken.text()).c_str(),
            base::Error);
    });
}

}  // namespace cicada::http
