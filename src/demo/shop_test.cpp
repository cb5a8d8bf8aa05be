// SPDX-License-Identifier: Apache-2.0
#include "demo/shop.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fiber/scheduler.hpp"
#include "http/client.hpp"

namespace cicada::demo {
namespace {

using namespace std::chrono_literals;

/// A shop on loopback and a customer, in one scheduler.
class Visit {
public:
    explicit Visit(const std::string& trace_header = {})
        : shop_(trace_header),
          server_(net::Endpoint::from_literal("127.0.0.1", 0).value(),
                  [this](const http::ServerRequest& request, http::ResponseWriter& writer) {
                      shop_.answer(request, writer);
                  }),
          serving_(fiber::start([this] { server_.run(); })),
          client_(network_,
                  std::make_shared<http::ClientProfile>(),
                  http::Url::parse("http://" + server_.endpoint().text()).value()) {}

    const http::Exchange& get(std::string_view path) { return send({.url = path}); }
    const http::Exchange& post(std::string_view path, std::string_view body = {}) {
        return send({.method = "POST", .url = path, .body = body});
    }
    const http::Exchange& send(const http::Request& request) {
        client_.send(request, exchange_);
        CHECK(exchange_.error() == "");
        return exchange_;
    }
    nlohmann::json json() { return nlohmann::json::parse(exchange_.body()); }
    nlohmann::json counts() {
        get("/count");
        return json();
    }

private:
    Shop shop_;
    http::Server server_;
    fiber::Handle serving_;
    http::Network network_{};
    http::Client client_;
    http::Exchange exchange_{};
};

void visit(const std::function<void()>& body) {
    fiber::Scheduler scheduler({.io = fiber::IoKind::Epoll});
    scheduler.run(body);
}

}  // namespace

TEST_CASE("a customer logs in, fills a cart, pays and leaves") {
    // Goal: the shop holds a session together by its cookie. Method: the whole way once.
    visit([] {
        Visit shop;
        CHECK(shop.get("/").status() == 200);
        CHECK(shop.get("/profile").status() == 401);
        CHECK(shop.get("/cart").status() == 401);
        CHECK(shop.post("/login", "username=a").status() == 401);
        CHECK(shop.post("/login", "username=ellen%3Ckey&password=education").status() == 200);
        CHECK(shop.get("/profile").body().find("ellen&lt;key") != std::string_view::npos);
        CHECK(shop.get("/items/42").status() == 200);
        CHECK(shop.json()["id"] == 42);
        CHECK(shop.json()["stock"] > 0);
        CHECK(shop.get("/items/10001").status() == 404);
        CHECK(shop.get("/items").status() == 200);
        CHECK(shop.json().size() == 20);

        CHECK(shop.post("/checkout").status() == 409);
        CHECK(shop.post("/cart", "item=42&quantity=2").status() == 201);
        const std::string wish = R"({"item": 7})";
        const http::Request in_json{
            .method = "POST", .url = "/cart", .body = wish, .content_type = "application/json"};
        CHECK(shop.send(in_json).status() == 201);
        CHECK(shop.json()["items"].size() == 2);
        CHECK(shop.post("/cart", "item=9500").status() == 409);
        CHECK(shop.post("/cart", "item=x").status() == 400);
        CHECK(shop.post("/checkout").status() == 201);
        CHECK(shop.json()["order"] == 1);
        CHECK(shop.get("/cart").status() == 200);
        CHECK(shop.json()["items"].empty());
        CHECK(shop.post("/cart", "item=42").status() == 201);
        CHECK(shop.send({.method = "DELETE", .url = "/cart"}).status() == 200);
        CHECK(shop.json()["total"] == 0.0);
        CHECK(shop.post("/logout").status() == 200);
        CHECK(shop.get("/profile").status() == 401);
    });
}

TEST_CASE("pages on demand do what was asked") {
    // Goal: each testing page. Method: ask each for something checkable.
    visit([] {
        Visit shop;
        CHECK(shop.get("/status/503").status() == 503);
        CHECK(shop.get("/status/204").body_size() == 0);
        CHECK(shop.get("/status/99").status() == 400);
        for (const std::uint64_t size : {0U, 1U, 65'536U, 65'537U, 1'000'000U}) {
            CHECK(shop.get(fmt::format("/bytes/{}", size)).body_size() == size);
        }
        CHECK(shop.get("/stream/3").body() == "line 1\nline 2\nline 3\n");
        CHECK(shop.get("/redirect/3").body() == "arrived\n");
        CHECK(shop.send({.method = "POST", .url = "/redirect/2?code=307"}).counts().redirects == 2);
        CHECK(shop.get("/headers?n=70").header("x-header-69") == "value number 69");
        const auto before = fiber::now();
        CHECK(shop.get("/slow?ms=3").status() == 200);
        CHECK(fiber::now() - before >= 3ms);
        CHECK(shop.send({.method = "PUT", .url = "/echo?q", .body = "\xff!"}).status() == 200);
        CHECK(shop.json()["method"] == "PUT");
        CHECK(shop.json()["target"] == "/echo?q");
        CHECK(shop.json()["body"] == "\xef\xbf\xbd!");
        CHECK(shop.json()["headers"][0][0] == "Host");
        CHECK(shop.get("/nowhere").status() == 404);
        CHECK(shop.send({.method = "PUT", .url = "/items/1"}).status() == 405);
    });
}

TEST_CASE("the page for benchmarks has twelve headers, three cookies and 2 KiB") {
    // Goal: what the benchmark table says it measures. Method: count them.
    visit([] {
        Visit shop;
        const auto& answer = shop.get("/bench/item/123");
        int headers = 0;
        int cookies = 0;
        http::FieldCursor cursor(answer.head());
        while (const auto field = cursor.next()) {
            ++headers;
            if (field->name == "Set-Cookie") ++cookies;
        }
        CHECK(headers == 12);
        CHECK(cookies == 3);
        CHECK(answer.body_size() == 2048);
        CHECK(shop.json()["id"] == 123);
        CHECK(shop.get("/echo").status() == 200);
        CHECK(shop.json()["headers"].dump().find("visitor=5f2b8c1e9a7d4036; currency=EUR") !=
              std::string::npos);
    });
}

TEST_CASE("what was served is counted by pattern, and identities are remembered") {
    // Goal: the counters tests rely on. Method: a few requests, some with the trace header.
    visit([] {
        Visit shop("X-Trace");
        shop.get("/items/1");
        shop.get("/items/2");
        shop.post("/echo");
        shop.get("/missing");
        shop.send({.url = "/", .headers = std::vector<http::Field>{{"x-trace", "r.1.2.3"}}});
        const auto counts = shop.counts();
        CHECK(counts["total"] == 5);
        CHECK(counts["requests"]["GET /items/[n]"] == 2);
        CHECK(counts["requests"]["POST /echo"] == 1);
        CHECK(counts["requests"]["GET (unknown)"] == 1);
        CHECK(shop.get("/seen").body() == "r.1.2.3\n");
        CHECK(shop.get("/seen").header("X-Dropped") == "0");
        const std::string times(shop.get("/times").body());
        CHECK(times.starts_with("0\n"));
        CHECK(std::count(times.begin(), times.end(), '\n') == 5);
        CHECK(shop.post("/reset").status() == 200);
        CHECK(shop.counts()["total"] == 0);
        CHECK(shop.get("/times").body().empty());
        CHECK(shop.get("/seen").body().empty());
    });
}

TEST_CASE("a stall holds every counted page back until it ends") {
    // Goal: the scripted stall. Method: a short one, seen by the clock.
    visit([] {
        Visit shop;
        CHECK(shop.post("/stall?ms=30").status() == 200);
        const auto before = fiber::now();
        CHECK(shop.get("/count").status() == 200);
        CHECK(fiber::now() - before < 25ms);
        CHECK(shop.get("/").status() == 200);
        CHECK(fiber::now() - before >= 20ms);
    });
}

TEST_CASE("the page of known latency says its truth") {
    // Goal: the percentiles a tester compares with. Method: read them back.
    visit([] {
        Visit shop;
        CHECK(shop.get("/known-latency").body() == "5000 us\n");
        CHECK(shop.get("/known-latency/truth").status() == 200);
        const auto truth = shop.json();
        CHECK(truth["given"] == 1);
        CHECK(truth["cycle"] == 1000);
        CHECK(truth["percentiles_ms"]["100"] == 200.0);
        CHECK(truth["percentiles_ms"]["50"].get<double>() ==
              doctest::Approx(5 * std::pow(40, 499.0 / 999)).epsilon(1e-4));
    });
}

}  // namespace cicada::demo
